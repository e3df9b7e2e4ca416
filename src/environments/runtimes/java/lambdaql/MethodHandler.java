package lambdaql;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Type;

/** A method that takes an object and returns one. */
final class MethodHandler implements Handler {
    private final Method method;
    private final Object instance;
    private final Type input;
    private final boolean hasResult;
    private final boolean hasContext;

    /** An `input` of null is a method that takes no event. */
    MethodHandler(Method method, Object instance, Type input, Type result, boolean hasContext) {
        this.method = method;
        this.instance = instance;
        this.input = input;
        this.hasResult = result != void.class && result != Void.class;
        this.hasContext = hasContext;
    }

    @Override
    public byte[] handle(byte[] event, InvocationContext context) throws Throwable {
        Object[] arguments = new Object[(input == null ? 0 : 1) + (hasContext ? 1 : 0)];
        if (input != null) arguments[0] = read(event);
        if (hasContext) arguments[arguments.length - 1] = context.as(method.getParameterTypes()[arguments.length - 1]);
        Object result;
        try {
            result = method.invoke(instance, arguments);
        } catch (InvocationTargetException error) {
            throw error.getCause();
        }
        try {
            return JsonWriter.write(hasResult ? result : null);
        } catch (Throwable error) {
            String message = "An error occurred during JSON serialization of response";
            throw new RuntimeFault(message, "java.lang.RuntimeException", ErrorObject.traceOf(error), true);
        }
    }

    private Object read(byte[] event) {
        try {
            return TypeBinder.bind(JsonReader.read(event), input);
        } catch (Throwable error) {
            throw new RuntimeException("An error occurred during JSON parsing", error);
        }
    }
}
