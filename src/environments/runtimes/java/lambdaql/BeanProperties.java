package lambdaql;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The properties of a class, in the order of its fields, those of parents first; then those that have no field. */
final class BeanProperties {
    private static final Map<Class<?>, BeanProperties> KNOWN = new HashMap<>();

    /** No lambda: making one would cost each cold start some milliseconds. */
    private static final Comparator<Method> BY_NAME = new Comparator<>() {
        @Override
        public int compare(Method one, Method other) {
            return one.getName().compareTo(other.getName());
        }
    };

    /** AWS's own events, whose JSON begins with capitals here and there where their properties do not. */
    private static final String EVENTS = "com.amazonaws.services.lambda.runtime.events.";

    private final boolean isEvent;
    private final Map<String, Property> byName = new LinkedHashMap<>();
    private final Map<String, Property> byLowerCaseName = new HashMap<>();

    private BeanProperties(Class<?> type) {
        isEvent = type.getName().startsWith(EVENTS);
        if (type.isRecord()) addComponents(type);
        else {
            addFields(type);
            addMethods(type);
        }
        if (!isEvent) return;
        for (Map.Entry<String, Property> entry : byName.entrySet()) byLowerCaseName.put(entry.getKey().toLowerCase(), entry.getValue());
    }

    static synchronized BeanProperties of(Class<?> type) {
        BeanProperties known = KNOWN.get(type);
        if (known == null) {
            known = new BeanProperties(type);
            KNOWN.put(type, known);
        }
        return known;
    }

    /** As it is written; of events otherwise whatever its case. */
    Property find(String name) {
        Property exact = byName.get(name);
        return exact != null || !isEvent ? exact : byLowerCaseName.get(name.toLowerCase());
    }

    List<Map.Entry<String, Property>> readable() {
        List<Map.Entry<String, Property>> readable = new ArrayList<>();
        for (Map.Entry<String, Property> entry : byName.entrySet()) if (entry.getValue().isReadable()) readable.add(entry);
        return readable;
    }

    private Property at(String name) {
        Property property = byName.get(name);
        if (property == null) {
            property = new Property();
            byName.put(name, property);
        }
        return property;
    }

    private void addComponents(Class<?> type) {
        for (RecordComponent component : type.getRecordComponents()) {
            Method accessor = component.getAccessor();
            accessor.setAccessible(true);
            at(component.getName()).getter = accessor;
        }
    }

    private void addFields(Class<?> type) {
        if (type.getSuperclass() != null) addFields(type.getSuperclass());
        if (type.getName().startsWith("java.")) return;
        for (Field field : type.getDeclaredFields()) {
            if (Modifier.isStatic(field.getModifiers()) || field.isSynthetic()) continue;
            if (Modifier.isTransient(field.getModifiers())) continue;
            Property property = at(field.getName());
            if (!Modifier.isPublic(field.getModifiers())) continue;
            open(field);
            property.field = field;
        }
    }

    private void addMethods(Class<?> type) {
        Method[] methods = type.getMethods();
        Arrays.sort(methods, BY_NAME);
        for (Method method : methods) {
            if (Modifier.isStatic(method.getModifiers()) || method.isBridge() || method.getDeclaringClass() == Object.class) continue;
            String name = method.getName();
            if (method.getParameterCount() == 0 && method.getReturnType() != void.class) addGetter(method, name);
            else if (method.getParameterCount() == 1 && name.length() > 3 && name.startsWith("set")) addSetter(method, name);
        }
    }

    private void addGetter(Method method, String name) {
        boolean isGet = name.length() > 3 && name.startsWith("get");
        boolean isIs = name.length() > 2 && name.startsWith("is") && method.getReturnType() == boolean.class;
        if (!isGet && !isIs) return;
        open(method);
        at(propertyName(name.substring(isGet ? 3 : 2))).getter = method;
    }

    /** Of overloads the one that takes what the getter returns. */
    private void addSetter(Method method, String name) {
        Property property = at(propertyName(name.substring(3)));
        boolean fits = property.getter != null && property.getter.getReturnType() == method.getParameterTypes()[0];
        if (property.setter != null && !fits) return;
        open(method);
        property.setter = method;
    }

    /** `getName` is of `name` and `getURLPath` of `URLPath`: what begins with two capitals keeps them, as beans have it. */
    private static String propertyName(String name) {
        if (name.length() > 1 && Character.isUpperCase(name.charAt(0)) && Character.isUpperCase(name.charAt(1))) return name;
        return Character.toLowerCase(name.charAt(0)) + name.substring(1);
    }

    /** Public members of classes that are not public themselves. */
    private static void open(java.lang.reflect.AccessibleObject member) {
        try {
            member.setAccessible(true);
        } catch (RuntimeException error) {
            // A class of the platform: what is public in it can be called anyhow.
        }
    }
}
