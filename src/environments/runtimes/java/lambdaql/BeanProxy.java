package lambdaql;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;

/**
 * A JSON object as an interface of getters: the client context and its client, whose fields are written with underscores
 * (`app_title`), and whose maps are `custom` and `env`.
 */
final class BeanProxy implements InvocationHandler {
    private final Map<?, ?> values;

    private BeanProxy(Map<?, ?> values) {
        this.values = values;
    }

    static Object of(Class<?> type, Map<?, ?> values) {
        return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, new BeanProxy(values));
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
        String name = method.getName();
        if (!name.startsWith("get") || arguments != null) return InvocationContext.otherwise(proxy, method, arguments);
        Object value = name.equals("getEnvironment") ? values.get("env") : values.get(underscored(name.substring(3)));
        if (value == null) return null;
        Class<?> type = method.getReturnType();
        if (type.isInstance(value)) return value;
        return type.isInterface() && value instanceof Map<?, ?> map ? of(type, map) : null;
    }

    private static String underscored(String property) {
        StringBuilder name = new StringBuilder();
        for (char letter : property.toCharArray()) {
            if (Character.isUpperCase(letter) && name.length() > 0) name.append('_');
            name.append(Character.toLowerCase(letter));
        }
        return name.toString();
    }
}
