package lambdaql;

import java.io.BufferedInputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.lang.reflect.Constructor;

/** Streams on descriptors that were inherited. They are sockets, which cannot be opened by a name in /proc. */
final class Descriptors {
    private Descriptors() {}

    /** Buffered, and not only for speed: FileInputStream itself seeks in what it reads whole, which a socket cannot. */
    static InputStream input(int number) throws ReflectiveOperationException {
        return new BufferedInputStream(new FileInputStream(descriptor(number)));
    }

    static FileOutputStream output(int number) throws ReflectiveOperationException {
        return new FileOutputStream(descriptor(number));
    }

    /** The jar's manifest opens java.io to this class. */
    private static FileDescriptor descriptor(int number) throws ReflectiveOperationException {
        Constructor<FileDescriptor> constructor = FileDescriptor.class.getDeclaredConstructor(int.class);
        constructor.setAccessible(true);
        return constructor.newInstance(number);
    }
}
