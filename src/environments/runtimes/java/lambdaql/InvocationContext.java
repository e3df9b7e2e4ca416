package lambdaql;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;

/**
 * What a handler is told of its event. It becomes the function's own Context through a proxy.
 * https://docs.aws.amazon.com/lambda/latest/dg/java-context.html
 */
final class InvocationContext implements InvocationHandler {
    private final Map<?, ?> statics;
    private final Map<?, ?> request;
    private final Output output;

    InvocationContext(Map<?, ?> statics, Map<?, ?> request, Output output) {
        this.statics = statics;
        this.request = request;
        this.output = output;
    }

    /** The context as an instance of the function's interface. */
    Object as(Class<?> contextInterface) {
        return Proxy.newProxyInstance(contextInterface.getClassLoader(), new Class<?>[] {contextInterface}, this);
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
        switch (method.getName()) {
            case "getAwsRequestId":
                return request.get("requestId");
            case "getLogGroupName":
                return statics.get("logGroupName");
            case "getLogStreamName":
                return statics.get("logStreamName");
            case "getFunctionName":
                return statics.get("functionName");
            case "getFunctionVersion":
                return statics.get("functionVersion");
            case "getInvokedFunctionArn":
                return request.get("invokedFunctionArn");
            case "getMemoryLimitInMB":
                return Integer.parseInt((String) statics.get("memoryLimitInMB"));
            case "getRemainingTimeInMillis":
                return (int) Math.max(0, ((Number) request.get("deadlineMs")).longValue() - System.currentTimeMillis());
            case "getLogger":
                return RuntimeLogger.as(method.getReturnType(), output);
            case "getClientContext":
                return clientContext(method.getReturnType());
            case "getXrayTraceId":
                return request.get("traceId");
            default:
                return otherwise(proxy, method, arguments);
        }
    }

    private Object clientContext(Class<?> type) {
        Object text = request.get("clientContext");
        if (text == null) return null;
        Map<?, ?> values = (Map<?, ?>) JsonReader.read(Bootstrap.utf8((String) text));
        return BeanProxy.of(type, values);
    }

    /** What every object has; what a newer interface declares with a default; and null, as for an identity: there is none. */
    static Object otherwise(Object proxy, Method method, Object[] arguments) throws Throwable {
        switch (method.getName()) {
            case "toString":
                return "lambdaql." + proxy.getClass().getInterfaces()[0].getSimpleName();
            case "hashCode":
                return System.identityHashCode(proxy);
            case "equals":
                return proxy == arguments[0];
            default:
                return method.isDefault() ? InvocationHandler.invokeDefault(proxy, method, arguments) : null;
        }
    }
}
