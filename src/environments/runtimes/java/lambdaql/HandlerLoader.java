package lambdaql;

import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the handler by its name: `package.Class` of a class that implements RequestHandler or RequestStreamHandler, or
 * `package.Class::method`. The interfaces are those of the function's own aws-lambda-java-core, known by their names.
 * https://docs.aws.amazon.com/lambda/latest/dg/java-handler.html
 */
final class HandlerLoader {
    private static final String CORE = "com.amazonaws.services.lambda.runtime.";
    private static final String CONTEXT = CORE + "Context";

    private final Class<?> handlerClass;

    private HandlerLoader(Class<?> handlerClass) {
        this.handlerClass = handlerClass;
    }

    /** Throws a RuntimeFault in AWS's words. */
    static Handler load(String name, ClassLoader loader, Output output) throws Throwable {
        int colons = name.lastIndexOf("::");
        String className = colons < 0 ? name : name.substring(0, colons);
        String methodName = colons < 0 ? null : name.substring(colons + 2);
        if (className.isEmpty() || (methodName != null && methodName.isEmpty())) {
            throw RuntimeFault.of("Invalid handler: `" + name + "'");
        }
        Class<?> handlerClass;
        try {
            handlerClass = Class.forName(className, true, loader);
        } catch (ClassNotFoundException error) {
            throw RuntimeFault.of("Class not found: " + className, error);
        } catch (Throwable error) {
            String message = error.getMessage() == null ? "" : ": " + error.getMessage();
            throw RuntimeFault.of("Error loading class " + className + message, error);
        }
        HandlerLoader found = new HandlerLoader(handlerClass);
        Handler handler = methodName == null ? found.ofInterface() : found.ofMethod(methodName);
        RuntimeLogger.install(loader, output);
        return handler;
    }

    private Handler ofInterface() throws Throwable {
        Class<?> streams = GenericTypes.interfaceOf(handlerClass, CORE + "RequestStreamHandler");
        if (streams != null) return handlerOf(methodOf(streams));
        Class<?> objects = GenericTypes.interfaceOf(handlerClass, CORE + "RequestHandler");
        if (objects == null) {
            throw RuntimeFault.of("Class does not implement an appropriate handler interface: " + handlerClass.getName());
        }
        Type[] types = GenericTypes.argumentsOf(handlerClass, objects);
        if (types == null) {
            throw RuntimeFault.of(
                "Class " + handlerClass.getName() + " does not implement RequestHandler with concrete type parameters"
            );
        }
        return new MethodHandler(methodOf(objects), newInstance(), types[0], types[1], true);
    }

    private static Method methodOf(Class<?> handlerInterface) {
        for (Method method : handlerInterface.getMethods()) if (method.getName().equals("handleRequest")) return method;
        throw RuntimeFault.of("No handleRequest in " + handlerInterface.getName());
    }

    /** Of overloads the one with the most parameters, a Context counting double. */
    private Handler ofMethod(String name) throws Throwable {
        Method[] methods;
        try {
            methods = handlerClass.getMethods();
        } catch (NoClassDefFoundError error) {
            throw RuntimeFault.of("Error loading method " + name + " on class " + handlerClass.getName(), error);
        }
        List<Method> candidates = new ArrayList<>();
        for (Method method : methods) if (method.getName().equals(name) && isSupported(method)) candidates.add(method);
        if (candidates.isEmpty()) {
            throw RuntimeFault.of(
                "No public method named " + name + " with appropriate method signature found on class " + handlerClass.getName()
            );
        }
        Method best = candidates.get(0);
        for (Method method : candidates) if (rank(method) > rank(best)) best = method;
        return handlerOf(best);
    }

    private static int rank(Method method) {
        int rank = method.getParameterCount() + (lastIsContext(method) ? 1 : 0);
        // Bridges are made by the compiler and have lost the types.
        return method.isBridge() ? rank - 100 : rank;
    }

    private static boolean isSupported(Method method) {
        Class<?>[] types = method.getParameterTypes();
        switch (types.length) {
            case 0:
            case 1:
                return true;
            case 2:
                if (types[0] == InputStream.class) return types[1] == OutputStream.class || isContext(types[1]);
                return !isContext(types[0]) && isContext(types[1]);
            case 3:
                return types[0] == InputStream.class && types[1] == OutputStream.class && isContext(types[2]);
            default:
                return false;
        }
    }

    private Handler handlerOf(Method method) throws Throwable {
        Object instance = Modifier.isStatic(method.getModifiers()) ? null : newInstance();
        Class<?>[] types = method.getParameterTypes();
        boolean hasContext = lastIsContext(method);
        boolean isOfStreams = types.length > 0 && (types[0] == InputStream.class || types[0] == OutputStream.class);
        if (isOfStreams) return new StreamHandler(method, instance, hasContext);
        boolean hasInput = types.length > (hasContext ? 1 : 0);
        Type input = hasInput ? method.getGenericParameterTypes()[0] : null;
        return new MethodHandler(method, instance, input, method.getGenericReturnType(), hasContext);
    }

    private static boolean lastIsContext(Method method) {
        Class<?>[] types = method.getParameterTypes();
        return types.length > 0 && isContext(types[types.length - 1]);
    }

    private static boolean isContext(Class<?> type) {
        return type.getName().equals(CONTEXT);
    }

    private Object newInstance() throws Throwable {
        Constructor<?> constructor;
        try {
            constructor = handlerClass.getConstructor();
        } catch (NoSuchMethodException error) {
            boolean isInner = handlerClass.getEnclosingClass() != null && !Modifier.isStatic(handlerClass.getModifiers());
            String reason = isInner
                ? " cannot be instantiated because it is a non-static inner class"
                : " has no public zero-argument constructor";
            String message = "Class " + handlerClass.getName() + reason;
            throw RuntimeFault.of(message, new Exception(message));
        }
        try {
            return constructor.newInstance();
        } catch (InvocationTargetException error) {
            throw faultOf(error.getCause());
        } catch (Throwable error) {
            throw faultOf(error);
        }
    }

    private static RuntimeFault faultOf(Throwable error) {
        String message = error.getLocalizedMessage();
        return RuntimeFault.of(message == null ? error.getClass().getName() : message, error);
    }
}
