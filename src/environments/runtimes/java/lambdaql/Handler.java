package lambdaql;

/** A handler that has been loaded: JSON in, JSON out. Throws what the user's code throws. */
interface Handler {
    byte[] handle(byte[] event, InvocationContext context) throws Throwable;
}
