package lambdaql;

import java.lang.reflect.Executable;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Date;
import java.util.List;
import java.util.Map;

/** Strings, numbers, booleans, enumerations, dates: what is not made of other values. */
final class Scalars {
    private Scalars() {}

    static boolean isScalar(Class<?> type) {
        return type.isPrimitive() || type == String.class || type == CharSequence.class || type == Boolean.class
            || type == Character.class || Number.class.isAssignableFrom(type) || type.isEnum() || type == Date.class;
    }

    /** What null is: primitives have no null, and Jackson gives them zero. */
    static Object absent(Class<?> type) {
        if (!type.isPrimitive() || type == void.class) return null;
        if (type == boolean.class) return false;
        return type == char.class ? (Object) '\0' : number(0, type);
    }

    static Object bind(Object value, Class<?> type) {
        if (value instanceof Map<?, ?> || value instanceof List<?>) throw misfit(value, type);
        if (type == String.class || type == CharSequence.class) return value.toString();
        if (type == boolean.class || type == Boolean.class) return bool(value, type);
        if (type == char.class || type == Character.class) return character(value, type);
        if (type.isEnum()) return constant(value, type);
        if (type == Date.class) return date(value, type);
        return number(value, type);
    }

    private static Object bool(Object value, Class<?> type) {
        if (value instanceof Boolean) return value;
        if (value instanceof Number number) return number.doubleValue() != 0;
        if (value.equals("true")) return true;
        if (value.equals("false")) return false;
        throw misfit(value, type);
    }

    private static Object character(Object value, Class<?> type) {
        if (value instanceof String text && text.length() == 1) return text.charAt(0);
        throw misfit(value, type);
    }

    /** By name or by place; null for what it does not know, as on AWS. */
    private static Object constant(Object value, Class<?> type) {
        Object[] constants = type.getEnumConstants();
        if (value instanceof Integer ordinal && ordinal >= 0 && ordinal < constants.length) return constants[ordinal];
        for (Object constant : constants) if (((Enum<?>) constant).name().equals(value)) return constant;
        return null;
    }

    /** Milliseconds since the epoch (seconds where there is a fraction, as AWS's own events have them), or ISO 8601. */
    private static Object date(Object value, Class<?> type) {
        if (value instanceof Double seconds) return new Date(Math.round(seconds * 1000));
        if (value instanceof Number milliseconds) return new Date(milliseconds.longValue());
        try {
            String text = (String) value;
            return Date.from(java.time.OffsetDateTime.parse(text.contains("T") ? text : text + "T00:00:00Z").toInstant());
        } catch (RuntimeException error) {
            throw misfit(value, type);
        }
    }

    private static Object number(Object value, Class<?> type) {
        BigDecimal exact;
        try {
            exact = value instanceof BigDecimal decimal ? decimal : new BigDecimal(value.toString().trim());
        } catch (NumberFormatException error) {
            throw misfit(value, type);
        }
        if (type == double.class || type == Double.class) return exact.doubleValue();
        if (type == float.class || type == Float.class) return exact.floatValue();
        if (type == BigDecimal.class) return exact;
        if (type == BigInteger.class) return exact.toBigInteger();
        if (type == Number.class) return value instanceof Number ? value : exact;
        long integer = exact.longValue();
        if (type == long.class || type == Long.class) return within(integer, Long.MIN_VALUE, Long.MAX_VALUE, exact, type);
        if (type == int.class || type == Integer.class) return (int) within(integer, Integer.MIN_VALUE, Integer.MAX_VALUE, exact, type);
        if (type == short.class || type == Short.class) return (short) within(integer, Short.MIN_VALUE, Short.MAX_VALUE, exact, type);
        if (type == byte.class || type == Byte.class) return (byte) within(integer, Byte.MIN_VALUE, 255, exact, type);
        return fromText(value, type);
    }

    /** A fraction is cut off, as Jackson does; what is out of the range is not taken. */
    private static long within(long integer, long least, long most, BigDecimal exact, Class<?> type) {
        boolean isCut = exact.compareTo(BigDecimal.valueOf(Long.MIN_VALUE)) < 0 || exact.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0;
        if (isCut || integer < least || integer > most) throw misfit(exact, type);
        return integer;
    }

    /** Of whatever class has a way from text: `parse` of instants, `fromString` of UUIDs, `valueOf`, `create`, a constructor. */
    static Object fromText(Object value, Class<?> type) {
        if (value instanceof Map<?, ?> || value instanceof List<?>) throw misfit(value, type);
        if (value instanceof Number number && type == java.time.Instant.class) return instant(new BigDecimal(number.toString()));
        Executable way = wayFromText(type);
        if (way == null) throw misfit(value, type);
        try {
            return way instanceof Method method
                ? method.invoke(null, value.toString())
                : ((Constructor<?>) way).newInstance(value.toString());
        } catch (InvocationTargetException error) {
            throw new IllegalArgumentException(error.getCause().getMessage(), error.getCause());
        } catch (ReflectiveOperationException error) {
            throw misfit(value, type);
        }
    }

    /** Seconds since the epoch. */
    private static java.time.Instant instant(BigDecimal seconds) {
        long whole = seconds.setScale(0, java.math.RoundingMode.FLOOR).longValue();
        return java.time.Instant.ofEpochSecond(whole, seconds.subtract(BigDecimal.valueOf(whole)).movePointRight(9).longValue());
    }

    private static Executable wayFromText(Class<?> type) {
        for (String name : new String[] {"parse", "fromString", "valueOf", "create"}) {
            for (Class<?> text : new Class<?>[] {String.class, CharSequence.class}) {
                try {
                    Method method = type.getMethod(name, text);
                    if (Modifier.isStatic(method.getModifiers()) && type.isAssignableFrom(method.getReturnType())) return method;
                } catch (NoSuchMethodException error) {
                    // The next name may be its.
                }
            }
        }
        try {
            return type.getConstructor(String.class);
        } catch (NoSuchMethodException error) {
            return null;
        }
    }

    static IllegalArgumentException misfit(Object value, Class<?> type) {
        String token = value instanceof Map<?, ?> ? "an object" : value instanceof List<?> ? "an array" : JsonText.shown(value);
        return new IllegalArgumentException("Cannot deserialize value of type `" + type.getTypeName() + "` from " + token);
    }
}
