package lambdaql;

/** A fault that the runtime reports in words of its own, without a stack trace, as AWS's does. */
final class RuntimeFault extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Null where AWS names none. */
    final String errorType;
    /** The trace for the log; empty where there is nothing to see. */
    final String trace;
    /** Whether the handler's result could not be written as JSON. */
    final boolean isOfResult;

    RuntimeFault(String message, String errorType, String trace) {
        this(message, errorType, trace, false);
    }

    RuntimeFault(String message, String errorType, String trace, boolean isOfResult) {
        super(message, null, false, false);
        this.errorType = errorType;
        this.trace = trace;
        this.isOfResult = isOfResult;
    }

    static RuntimeFault of(String message) {
        return new RuntimeFault(message, null, "");
    }

    static RuntimeFault of(String message, Throwable error) {
        return new RuntimeFault(message, error.getClass().getName(), ErrorObject.traceOf(error));
    }
}
