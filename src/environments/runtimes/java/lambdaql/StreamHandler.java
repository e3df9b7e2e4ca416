package lambdaql;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;

/** A method that reads the event's bytes and writes those of the result. */
final class StreamHandler implements Handler {
    private final Method method;
    private final Object instance;
    private final boolean hasContext;

    StreamHandler(Method method, Object instance, boolean hasContext) {
        this.method = method;
        this.instance = instance;
        this.hasContext = hasContext;
    }

    @Override
    public byte[] handle(byte[] event, InvocationContext context) throws Throwable {
        Class<?>[] types = method.getParameterTypes();
        Object[] arguments = new Object[types.length];
        ByteArrayOutputStream result = new ByteArrayOutputStream();
        for (int index = 0; index < types.length; index++) {
            if (types[index] == InputStream.class) arguments[index] = new ByteArrayInputStream(event);
            else if (types[index] == OutputStream.class) arguments[index] = result;
            else if (hasContext) arguments[index] = context.as(types[index]);
        }
        try {
            method.invoke(instance, arguments);
        } catch (InvocationTargetException error) {
            throw error.getCause();
        }
        return resultOf(result.toByteArray());
    }

    /** The service takes JSON only; what is none is a string, as over the Runtime API. */
    private static byte[] resultOf(byte[] written) {
        if (written.length == 0) return Bootstrap.utf8("null");
        try {
            JsonReader.read(written);
            return written;
        } catch (RuntimeException error) {
            return JsonWriter.write(new String(written, java.nio.charset.StandardCharsets.UTF_8));
        }
    }
}
