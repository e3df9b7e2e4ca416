package lambdaql;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Runs inside the sandbox: loads the handler, takes events on descriptor 3, answers on descriptor 4. The protocol is
 * described in src/environments/README.md. Java 17 and newer, nothing beyond java.base.
 */
public final class Bootstrap {
    private static final int INIT = 1;
    private static final int INVOKE = 2;
    private static final int LARGEST_RESULT_BYTES = 6 * 1024 * 1024 + 100;

    private final Frames frames;
    private final Output output;
    private Map<?, ?> statics;
    private Handler handler;

    private Bootstrap(Frames frames, Output output) {
        this.frames = frames;
        this.output = output;
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 0) {
            Training.run();
            return;
        }
        Frames frames = new Frames(Descriptors.input(3), Descriptors.output(4));
        Output output = new Output(frames);
        output.redirectSystemStreams();
        new Bootstrap(frames, output).serve();
    }

    private void serve() throws Exception {
        while (true) {
            Frames.Frame frame = frames.receive();
            // The service is gone, and with it everybody who could want an answer.
            if (frame == null) Runtime.getRuntime().halt(0);
            if (frame.type == INIT) init(frame.header);
            else if (frame.type == INVOKE) handle(frame.header, frame.body);
        }
    }

    private void init(Map<?, ?> header) throws Exception {
        statics = (Map<?, ?>) header.get("statics");
        Variables.add((Map<?, ?>) header.get("environment"));
        String name = (String) header.get("handler");
        try {
            ClassLoader loader = UserClassLoader.of((String) header.get("taskRoot"), (String) header.get("layersRoot"));
            Thread.currentThread().setContextClassLoader(loader);
            handler = HandlerLoader.load(name != null ? name : System.getenv("_HANDLER"), loader, output);
        } catch (Throwable error) {
            ErrorObject object = ErrorObject.of(error);
            output.record(object.logText());
            output.flush();
            frames.send(Frames.INIT_ERROR, Map.of(), object.json());
            Runtime.getRuntime().halt(1);
        }
        output.flush();
        frames.send(Frames.READY, Map.of(), new byte[0]);
    }

    private void handle(Map<?, ?> request, byte[] event) throws Exception {
        String requestId = (String) request.get("requestId");
        // Where AWS's X-Ray SDK for Java looks for it, beside the environment.
        System.setProperty("com.amazonaws.xray.traceHeader", (String) request.get("traceId"));
        Variables.put("_X_AMZN_TRACE_ID", (String) request.get("traceId"));
        byte[] result;
        try {
            result = handler.handle(event, new InvocationContext(statics, request, output));
            // A handler that interrupted its own thread must not interrupt the next event.
            Thread.interrupted();
        } catch (Throwable error) {
            fail(request, requestId, error);
            return;
        }
        if (result.length > LARGEST_RESULT_BYTES) {
            String message = "Response payload size exceeded maximum allowed payload size (" + LARGEST_RESULT_BYTES + " bytes).";
            ErrorObject tooLarge = new ErrorObject(message, "Function.ResponseSizeTooLarge", null, "");
            sendError(request, "RESPONSE_TOO_LARGE", tooLarge.json(), false);
            return;
        }
        output.flush();
        frames.send(Frames.RESULT, Map.of("requestId", requestId), result);
    }

    private void fail(Map<?, ?> request, String requestId, Throwable error) throws Exception {
        ErrorObject object = ErrorObject.of(error);
        output.record(object.logText());
        boolean isUnserialisable = error instanceof RuntimeFault fault && fault.isOfResult;
        // A virtual machine that is out of memory or stack is not trusted with another event, as on AWS.
        boolean isLast = error instanceof VirtualMachineError;
        sendError(request, isUnserialisable ? "UNSERIALISABLE_RESULT" : "HANDLER_ERROR", object.json(), isLast);
        if (isLast) Runtime.getRuntime().halt(1);
    }

    private void sendError(Map<?, ?> request, String failure, byte[] object, boolean isLast) throws Exception {
        output.flush();
        Map<String, Object> header = Map.of("requestId", request.get("requestId"), "failure", failure, "isLast", isLast);
        frames.send(Frames.ERROR, header, object);
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
