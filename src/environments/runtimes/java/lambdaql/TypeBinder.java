package lambdaql;

import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes of what JsonReader read what a handler takes: maps, collections, arrays, records, objects with setters, scalars. */
final class TypeBinder {
    private TypeBinder() {}

    /** Throws an IllegalArgumentException where the value does not fit. */
    static Object bind(Object value, Type type) {
        if (type instanceof Class<?> target) return bindClass(value, target, new Type[0]);
        if (type instanceof ParameterizedType parameterized) {
            return bindClass(value, (Class<?>) parameterized.getRawType(), parameterized.getActualTypeArguments());
        }
        if (type instanceof WildcardType wildcard) return bind(value, wildcard.getUpperBounds()[0]);
        if (type instanceof TypeVariable<?> variable) return bind(value, variable.getBounds()[0]);
        Type element = ((GenericArrayType) type).getGenericComponentType();
        return array(value, element, rawOf(element));
    }

    private static Object bindClass(Object value, Class<?> type, Type[] arguments) {
        if (type == Optional.class) return Optional.ofNullable(value == null ? null : bind(value, argument(arguments, 0)));
        if (value == null) return Scalars.absent(type);
        if (type == Object.class) return value;
        if (isNone(value, type)) return Scalars.absent(type);
        if (Scalars.isScalar(type)) return Scalars.bind(value, type);
        if (type.isArray()) return array(value, type.getComponentType(), type.getComponentType());
        if (Map.class.isAssignableFrom(type)) return map(value, type, arguments);
        if (Iterable.class.isAssignableFrom(type)) return collection(value, type, arguments);
        if (!(value instanceof Map<?, ?> object)) return Scalars.fromText(value, type);
        return type.isRecord() ? record(object, type) : bean(object, type);
    }

    /** AWS's Jackson takes an empty text for nothing wherever no text is wanted, and an empty array where an object is. */
    private static boolean isNone(Object value, Class<?> type) {
        boolean isList = type.isArray() || Iterable.class.isAssignableFrom(type);
        if (value instanceof List<?> list) return list.isEmpty() && !isList && !Scalars.isScalar(type);
        return value.equals("") && type != String.class && type != CharSequence.class && type != char[].class;
    }

    /** A value alone is a list of one, as AWS has it. */
    private static List<?> listOf(Object value) {
        return value instanceof List<?> list ? list : List.of(value);
    }

    private static Type argument(Type[] arguments, int index) {
        return index < arguments.length ? arguments[index] : Object.class;
    }

    private static Class<?> rawOf(Type type) {
        if (type instanceof Class<?> raw) return raw;
        if (type instanceof ParameterizedType parameterized) return rawOf(parameterized.getRawType());
        if (type instanceof GenericArrayType array) return rawOf(array.getGenericComponentType()).arrayType();
        if (type instanceof TypeVariable<?> variable) return rawOf(variable.getBounds()[0]);
        return rawOf(((WildcardType) type).getUpperBounds()[0]);
    }

    private static Object array(Object value, Type element, Class<?> rawElement) {
        if (rawElement == byte.class && value instanceof String text) return java.util.Base64.getDecoder().decode(text);
        if (rawElement == char.class) return characters(value);
        List<?> list = listOf(value);
        Object array = Array.newInstance(rawElement, list.size());
        for (int index = 0; index < list.size(); index++) Array.set(array, index, bind(list.get(index), element));
        return array;
    }

    private static char[] characters(Object value) {
        StringBuilder text = new StringBuilder();
        for (Object each : listOf(value)) text.append(bind(each, String.class));
        return text.toString().toCharArray();
    }

    private static Object map(Object value, Class<?> type, Type[] arguments) {
        if (!(value instanceof Map<?, ?> object)) throw Scalars.misfit(value, type);
        boolean isFree = arguments.length < 2;
        Map<Object, Object> map = Implementations.mapFor(type);
        for (Map.Entry<?, ?> entry : object.entrySet()) {
            Object key = isFree ? entry.getKey() : bind(entry.getKey(), arguments[0]);
            map.put(key, isFree ? entry.getValue() : bind(entry.getValue(), arguments[1]));
        }
        return map;
    }

    private static Object collection(Object value, Class<?> type, Type[] arguments) {
        List<?> list = listOf(value);
        Type element = argument(arguments, 0);
        Collection<Object> collection = Implementations.collectionFor(type);
        for (Object each : list) collection.add(bind(each, element));
        return collection;
    }

    private static Object record(Map<?, ?> object, Class<?> type) {
        RecordComponent[] components = type.getRecordComponents();
        Class<?>[] types = new Class<?>[components.length];
        Object[] values = new Object[components.length];
        for (int index = 0; index < components.length; index++) {
            types[index] = components[index].getType();
            values[index] = bind(object.get(components[index].getName()), components[index].getGenericType());
        }
        try {
            return open(type.getDeclaredConstructor(types)).newInstance(values);
        } catch (ReflectiveOperationException error) {
            throw JsonWriter.unwrapped(error);
        }
    }

    /** What it has no property for is left out, as on AWS. */
    private static Object bean(Map<?, ?> object, Class<?> type) {
        Object bean = newInstance(type);
        BeanProperties properties = BeanProperties.of(type);
        for (Map.Entry<?, ?> entry : object.entrySet()) {
            Property property = properties.find((String) entry.getKey());
            Type wanted = property == null ? null : property.settableType();
            if (wanted == null) continue;
            if (entry.getValue() == null && rawOf(wanted).isPrimitive()) continue;
            property.set(bean, bind(entry.getValue(), wanted));
        }
        return bean;
    }

    private static Object newInstance(Class<?> type) {
        try {
            return open(type.getDeclaredConstructor()).newInstance();
        } catch (NoSuchMethodException | InstantiationException error) {
            throw new IllegalArgumentException("Cannot construct instance of `" + type.getName() + "` (no zero-argument constructor)");
        } catch (ReflectiveOperationException error) {
            throw JsonWriter.unwrapped(error);
        }
    }

    private static <T> Constructor<T> open(Constructor<T> constructor) {
        constructor.setAccessible(true);
        return constructor;
    }
}
