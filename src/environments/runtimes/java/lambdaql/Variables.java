package lambdaql;

import java.lang.reflect.Field;
import java.util.Map;

/**
 * Adds to what System.getenv and ProcessBuilder.environment give. Java has no way for that: the manifest opens java.lang
 * and java.util. A child whose environment nobody asked for inherits what the process was started with.
 */
final class Variables {
    private static Map<String, String> environment;

    private Variables() {}

    static void add(Map<?, ?> variables) throws ReflectiveOperationException {
        for (Map.Entry<?, ?> variable : variables.entrySet()) put((String) variable.getKey(), (String) variable.getValue());
    }

    static void put(String name, String value) throws ReflectiveOperationException {
        if (environment == null) environment = writable(System.getenv());
        environment.put(name, value);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, String> writable(Map<String, String> unmodifiable) throws ReflectiveOperationException {
        Field wrapped = unmodifiable.getClass().getDeclaredField("m");
        wrapped.setAccessible(true);
        return (Map<String, String>) wrapped.get(unmodifiable);
    }
}
