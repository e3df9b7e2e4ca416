package lambdaql;

import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Calendar;
import java.util.Date;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;

/**
 * Writes a result as AWS's Jackson does: objects by their getters and public fields, without what is null in them and in
 * maps; dates in milliseconds, bytes in base64, enumerations by name, NaN and the infinities as strings.
 */
final class JsonWriter {
    private static final int DEEPEST = 1000;
    private static final String HEXADECIMAL = "0123456789ABCDEF";

    private final StringBuilder json = new StringBuilder();
    private int depth;

    private JsonWriter() {}

    /** Throws an IllegalArgumentException for what is nested endlessly, and what a getter throws. */
    static byte[] write(Object value) {
        JsonWriter writer = new JsonWriter();
        writer.value(value);
        return Bootstrap.utf8(writer.json.toString());
    }

    private void value(Object value) {
        if (value == null) json.append("null");
        else if (value instanceof CharSequence || value instanceof Character || value instanceof Enum<?>) scalar(value);
        else if (value instanceof Number number) number(number);
        else if (value instanceof Boolean) json.append(value);
        else if (value instanceof Date date) json.append(date.getTime());
        else if (value instanceof Calendar calendar) json.append(calendar.getTimeInMillis());
        else if (value instanceof byte[] bytes) string(Base64.getEncoder().encodeToString(bytes));
        else if (value instanceof char[] letters) string(new String(letters));
        else if (value instanceof ByteBuffer buffer) buffer(buffer);
        else if (value instanceof Optional<?> optional) value(optional.orElse(null));
        else if (value instanceof java.time.temporal.TemporalAccessor || value instanceof java.time.temporal.TemporalAmount)
            time(value);
        else if (isText(value)) string(value.toString());
        else nested(value);
    }

    private void nested(Object value) {
        if (++depth > DEEPEST) throw new IllegalArgumentException("Infinite recursion, or more than " + DEEPEST + " levels");
        if (value instanceof Map<?, ?> map) object(map);
        else if (value instanceof Iterable<?> iterable) array(iterable.iterator());
        else if (value instanceof Iterator<?> iterator) array(iterator);
        else if (value.getClass().isArray()) array(value);
        else bean(value);
        depth--;
    }

    private void scalar(Object value) {
        string(value instanceof Enum<?> constant ? constant.name() : value.toString());
    }

    private void number(Number number) {
        double value = number.doubleValue();
        boolean isNone = (number instanceof Double || number instanceof Float) && (Double.isNaN(value) || Double.isInfinite(value));
        if (isNone) string(number.toString());
        else json.append(number);
    }

    private void buffer(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        string(Base64.getEncoder().encodeToString(bytes));
    }

    /** Instants, identifiers, addresses: what says itself what it is. */
    private static boolean isText(Object value) {
        String name = value.getClass().getName();
        return name.startsWith("java.time.Zone") || name.startsWith("java.net.UR") || value instanceof java.util.UUID
            || value instanceof Class<?> || value instanceof java.util.Locale || value instanceof java.io.File
            || value instanceof java.nio.file.Path;
    }

    private void time(Object value) {
        Object written = Times.written(value);
        if (written instanceof String text) string(text);
        else if (written instanceof int[]) array(written);
        else json.append(written);
    }

    private void object(Map<?, ?> map) {
        char separator = '{';
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            if (entry.getValue() == null) continue;
            json.append(separator);
            string(entry.getKey() instanceof Enum<?> key ? key.name() : String.valueOf(entry.getKey()));
            json.append(':');
            value(entry.getValue());
            separator = ',';
        }
        json.append(separator == '{' ? "{}" : "}");
    }

    private void bean(Object bean) {
        char separator = '{';
        for (Map.Entry<String, Property> entry : BeanProperties.of(bean.getClass()).readable()) {
            Object content = entry.getValue().get(bean);
            if (content == null) continue;
            json.append(separator);
            string(entry.getKey());
            json.append(':');
            value(content);
            separator = ',';
        }
        if (separator == '{' && !(bean instanceof java.io.Serializable) && bean.getClass().getName().startsWith("java.")) {
            throw new IllegalArgumentException("No serializer found for class " + bean.getClass().getName());
        }
        json.append(separator == '{' ? "{}" : "}");
    }

    private void array(Iterator<?> values) {
        char separator = '[';
        while (values.hasNext()) {
            json.append(separator);
            value(values.next());
            separator = ',';
        }
        json.append(separator == '[' ? "[]" : "]");
    }

    private void array(Object array) {
        json.append('[');
        for (int index = 0; index < Array.getLength(array); index++) {
            if (index > 0) json.append(',');
            value(Array.get(array, index));
        }
        json.append(']');
    }

    private void string(String text) {
        json.append('"');
        for (int index = 0; index < text.length(); index++) {
            char letter = text.charAt(index);
            if (letter == '"' || letter == '\\') json.append('\\').append(letter);
            else if (letter >= ' ' && !isLonely(text, index)) json.append(letter);
            else if (letter == '\n') json.append("\\n");
            else if (letter == '\r') json.append("\\r");
            else if (letter == '\t') json.append("\\t");
            else escape(letter);
        }
        json.append('"');
    }

    /** Half of a surrogate pair cannot be written in UTF-8. */
    private static boolean isLonely(String text, int index) {
        char letter = text.charAt(index);
        if (!Character.isSurrogate(letter)) return false;
        if (Character.isHighSurrogate(letter)) return index + 1 >= text.length() || !Character.isLowSurrogate(text.charAt(index + 1));
        return index == 0 || !Character.isHighSurrogate(text.charAt(index - 1));
    }

    private void escape(char letter) {
        json.append("\\u");
        for (int shift = 12; shift >= 0; shift -= 4) json.append(HEXADECIMAL.charAt(letter >> shift & 0xF));
    }

    /** What a getter throws is the error of the result. */
    static RuntimeException unwrapped(ReflectiveOperationException error) {
        Throwable cause = error instanceof InvocationTargetException ? error.getCause() : error;
        return new IllegalArgumentException(String.valueOf(cause.getMessage()), cause);
    }
}
