package lambdaql;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** An empty map or collection of a type: of that class where it is one, the usual one where it is an interface. */
final class Implementations {
    private Implementations() {}

    @SuppressWarnings("unchecked")
    static Map<Object, Object> mapFor(Class<?> type) {
        if (type.isAssignableFrom(LinkedHashMap.class)) return new LinkedHashMap<>();
        if (SortedMap.class.isAssignableFrom(type) && type.isAssignableFrom(TreeMap.class)) return new TreeMap<>();
        if (ConcurrentMap.class.isAssignableFrom(type) && type.isAssignableFrom(ConcurrentHashMap.class)) return new ConcurrentHashMap<>();
        return (Map<Object, Object>) instanceOf(type);
    }

    @SuppressWarnings("unchecked")
    static Collection<Object> collectionFor(Class<?> type) {
        if (type.isAssignableFrom(ArrayList.class)) return new ArrayList<>();
        if (Set.class.isAssignableFrom(type) && type.isAssignableFrom(LinkedHashSet.class)) return new LinkedHashSet<>();
        if (SortedSet.class.isAssignableFrom(type) && type.isAssignableFrom(TreeSet.class)) return new TreeSet<>();
        if (type == Queue.class || type == Deque.class) return new ArrayDeque<>();
        Object instance = instanceOf(type);
        if (instance instanceof Collection<?>) return (Collection<Object>) instance;
        throw new IllegalArgumentException("Cannot deserialize a collection of type `" + type.getName() + "`");
    }

    private static Object instanceOf(Class<?> type) {
        try {
            return type.getConstructor().newInstance();
        } catch (ReflectiveOperationException error) {
            throw new IllegalArgumentException("Cannot construct instance of `" + type.getName() + "`", error);
        }
    }
}
