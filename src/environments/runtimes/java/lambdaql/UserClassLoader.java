package lambdaql;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Where the function's classes are: classes at the root of the package, then jars of its lib/, then those of layers in
 * java/lib, in the order of their names, as on AWS. The bootstrap's own classes are not among them.
 */
final class UserClassLoader {
    private UserClassLoader() {}

    static ClassLoader of(String taskRoot, String layersRoot) throws MalformedURLException {
        List<URL> urls = new ArrayList<>();
        urls.add(new File(taskRoot).toURI().toURL());
        addJars(urls, new File(taskRoot, "lib"));
        addJars(urls, new File(layersRoot, "java/lib"));
        return new URLClassLoader(urls.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
    }

    private static void addJars(List<URL> urls, File folder) throws MalformedURLException {
        String[] names = folder.list();
        if (names == null) return;
        Arrays.sort(names);
        for (String name : names) if (name.endsWith(".jar")) urls.add(new File(folder, name).toURI().toURL());
    }
}
