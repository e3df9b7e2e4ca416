package lambdaql;

import java.lang.reflect.Field;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/** The function's own LambdaLogger: each call is one event of the log, line breaks and all. */
final class RuntimeLogger implements InvocationHandler {
    private final Output output;

    private RuntimeLogger(Output output) {
        this.output = output;
    }

    static Object as(Class<?> loggerInterface, Output output) {
        return Proxy.newProxyInstance(loggerInterface.getClassLoader(), new Class<?>[] {loggerInterface}, new RuntimeLogger(output));
    }

    /** Gives LambdaRuntime.getLogger(), which appenders of logging libraries use, the same logger. */
    static void install(ClassLoader loader, Output output) {
        try {
            Class<?> runtime = loader.loadClass("com.amazonaws.services.lambda.runtime.LambdaRuntime");
            Field logger = runtime.getDeclaredField("logger");
            logger.setAccessible(true);
            logger.set(null, as(logger.getType(), output));
        } catch (ReflectiveOperationException | LinkageError error) {
            // The function has no such library, or one that is made otherwise: its own logger then prints.
        }
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
        if (!method.getName().equals("log")) return InvocationContext.otherwise(proxy, method, arguments);
        if (arguments[0] instanceof byte[] bytes) output.record(bytes);
        else output.record(String.valueOf(arguments[0]));
        return null;
    }
}
