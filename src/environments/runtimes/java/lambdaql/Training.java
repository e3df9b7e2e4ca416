package lambdaql;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;

/**
 * Does once what every cold start does, so that the classes that takes are in the archive that the virtual machine
 * writes when it ends: https://docs.oracle.com/en/java/javase/17/vm/class-data-sharing.html
 */
final class Training {
    private Training() {}

    /** What events look like: every kind of value. */
    public static final class Sample {
        public String text;
        public List<String> list;
        private int number;

        public int getNumber() {
            return number;
        }

        public void setNumber(int number) {
            this.number = number;
        }
    }

    /** Stands for the Context of a function. */
    public interface SampleContext {
        String getAwsRequestId();
    }

    public static Map<String, Object> handle(Sample sample) {
        return Map.of("text", sample.text, "number", sample.getNumber(), "list", sample.list);
    }

    static void run() throws Exception {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        byte[] event = Bootstrap.utf8("{\"text\":\"\\u00fc\",\"number\":7,\"list\":[\"a\",null],\"other\":[1.5,true,12345678901]}");
        new Frames(new ByteArrayInputStream(new byte[0]), written).send(0, Map.of("requestId", "id", "deadlineMs", 1), event);
        Frames frames = new Frames(new ByteArrayInputStream(written.toByteArray()), new ByteArrayOutputStream());
        Frames.Frame frame = frames.receive();
        Output output = new Output(frames);
        output.redirectSystemStreams();
        Descriptors.input(0);
        Variables.add(Map.of("TRAINED", "1"));
        InvocationContext context = new InvocationContext(Map.of(), frame.header, output);
        ((SampleContext) context.as(SampleContext.class)).getAwsRequestId();
        ClassLoader loader = UserClassLoader.of(System.getProperty("user.dir"), "/opt");
        try {
            loader.loadClass("Nowhere");
        } catch (ClassNotFoundException error) {
            ErrorObject.of(error).json();
        }
        try {
            Handler handler = HandlerLoader.load("lambdaql.Training::handle", Training.class.getClassLoader(), output);
            handler.handle(frame.body, context);
        } catch (Throwable error) {
            throw new IllegalStateException(error);
        }
        output.record("trained");
        output.flush();
    }
}
