package lambdaql;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;

/** What the type parameters of an interface are in a class that implements it. */
final class GenericTypes {
    private GenericTypes() {}

    /** The interface of that name that the class implements, itself or through others; null where it does not. */
    static Class<?> interfaceOf(Class<?> type, String name) {
        for (Class<?> current = type; current != null; current = current.getSuperclass()) {
            for (Class<?> candidate : current.getInterfaces()) {
                if (candidate.getName().equals(name)) return candidate;
                Class<?> inherited = interfaceOf(candidate, name);
                if (inherited != null) return inherited;
            }
        }
        return null;
    }

    /** The interface's type arguments; null where the class implements it without any. */
    static Type[] argumentsOf(Class<?> type, Class<?> target) {
        return search(type, new TypeVariable<?>[0], new Type[0], target);
    }

    private static Type[] search(Class<?> type, TypeVariable<?>[] variables, Type[] values, Class<?> target) {
        for (Type implemented : type.getGenericInterfaces()) {
            Type[] found = look(implemented, variables, values, target);
            if (found != null) return found;
        }
        Type parent = type.getGenericSuperclass();
        return parent == null ? null : look(parent, variables, values, target);
    }

    private static Type[] look(Type type, TypeVariable<?>[] variables, Type[] values, Class<?> target) {
        if (type instanceof ParameterizedType parameterized) {
            Class<?> raw = (Class<?>) parameterized.getRawType();
            Type[] arguments = parameterized.getActualTypeArguments();
            for (int index = 0; index < arguments.length; index++) arguments[index] = valueOf(arguments[index], variables, values);
            return raw == target ? arguments : search(raw, raw.getTypeParameters(), arguments, target);
        }
        return search((Class<?>) type, new TypeVariable<?>[0], new Type[0], target);
    }

    private static Type valueOf(Type type, TypeVariable<?>[] variables, Type[] values) {
        for (int index = 0; index < variables.length; index++) if (variables[index].equals(type)) return values[index];
        return type;
    }
}
