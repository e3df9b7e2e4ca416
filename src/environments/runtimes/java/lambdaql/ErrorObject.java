package lambdaql;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** AWS's error object of a throwable: message, class name, and the frames down to the user's own code. */
final class ErrorObject {
    private static final String OWN_PREFIX = "lambdaql.";

    private final String message;
    private final String type;
    private final List<String> stackTrace;
    private final String trace;

    ErrorObject(String message, String type, List<String> stackTrace, String trace) {
        this.message = message;
        this.type = type;
        this.stackTrace = stackTrace;
        this.trace = trace;
    }

    static ErrorObject of(Throwable error) {
        if (error instanceof RuntimeFault fault) {
            List<String> frames = fault.isOfResult ? List.of() : null;
            return new ErrorObject(fault.getMessage(), fault.errorType, frames, fault.trace);
        }
        String trace = traceOf(error);
        List<String> frames = new ArrayList<>();
        for (StackTraceElement frame : error.getStackTrace()) frames.add(frame.toString());
        return new ErrorObject(messageOf(error), error.getClass().getName(), frames, trace);
    }

    /** Even of one that cannot be shown. */
    private static String messageOf(Throwable error) {
        try {
            String message = error.getLocalizedMessage();
            return message == null ? error.getClass().getName() : message;
        } catch (Throwable hostile) {
            return error.getClass().getName();
        }
    }

    byte[] json() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("errorMessage", message);
        if (type != null) object.put("errorType", type);
        if (stackTrace != null) object.put("stackTrace", stackTrace);
        return JsonWriter.write(object);
    }

    /** What AWS's runtime logs: message and type, then the trace. */
    String logText() {
        if (type == null) return message;
        return trace.isEmpty() ? message + ": " + type : message + ": " + type + "\n" + trace;
    }

    /** The trace as Java prints it, without the frames of the bootstrap, which are cut from the throwable too. */
    static String traceOf(Throwable error) {
        try {
            cutOwnFrames(error, Collections.newSetFromMap(new IdentityHashMap<>()));
            StringWriter text = new StringWriter();
            error.printStackTrace(new PrintWriter(text));
            return text.toString();
        } catch (Throwable hostile) {
            return error.getClass().getName();
        }
    }

    private static void cutOwnFrames(Throwable error, Set<Throwable> seen) {
        if (error == null || !seen.add(error)) return;
        StackTraceElement[] frames = error.getStackTrace();
        int end = 0;
        while (end < frames.length && !frames[end].getClassName().startsWith(OWN_PREFIX)) end++;
        if (end < frames.length) {
            // Calls by reflection stand between the user's code and the bootstrap.
            while (end > 0 && isReflection(frames[end - 1].getClassName())) end--;
            StackTraceElement[] kept = new StackTraceElement[end];
            System.arraycopy(frames, 0, kept, 0, end);
            error.setStackTrace(kept);
        }
        cutOwnFrames(error.getCause(), seen);
        for (Throwable suppressed : error.getSuppressed()) cutOwnFrames(suppressed, seen);
    }

    private static boolean isReflection(String className) {
        return className.startsWith("jdk.internal.reflect.") || className.startsWith("java.lang.reflect.");
    }
}
