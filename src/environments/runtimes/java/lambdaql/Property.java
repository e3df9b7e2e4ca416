package lambdaql;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Type;

/** A property of an object: a getter and a setter, or a public field in place of either. */
final class Property {
    Method getter;
    Method setter;
    Field field;

    boolean isReadable() {
        return getter != null || field != null;
    }

    Object get(Object bean) {
        try {
            return getter != null ? getter.invoke(bean) : field.get(bean);
        } catch (ReflectiveOperationException error) {
            throw JsonWriter.unwrapped(error);
        }
    }

    /** Null where it cannot be set. */
    Type settableType() {
        if (setter != null) return setter.getGenericParameterTypes()[0];
        return field == null ? null : field.getGenericType();
    }

    void set(Object bean, Object value) {
        try {
            if (setter != null) setter.invoke(bean, value);
            else field.set(bean, value);
        } catch (ReflectiveOperationException error) {
            throw JsonWriter.unwrapped(error);
        }
    }
}
