package lambdaql;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;

/** Length-prefixed frames: 4 bytes length of the rest, 1 byte type, 4 bytes length of the header, JSON header, body. */
final class Frames {
    static final int READY = 17;
    static final int INIT_ERROR = 18;
    static final int RESULT = 19;
    static final int ERROR = 20;
    static final int LOG = 21;

    private static final int PREFIX_BYTES = 9;

    private final InputStream requests;
    private final OutputStream answers;

    Frames(InputStream requests, OutputStream answers) {
        this.requests = requests;
        this.answers = answers;
    }

    static final class Frame {
        final int type;
        final Map<?, ?> header;
        final byte[] body;

        Frame(int type, Map<?, ?> header, byte[] body) {
            this.type = type;
            this.header = header;
            this.body = body;
        }
    }

    /** The next frame; null when the other side is gone. */
    Frame receive() throws IOException {
        byte[] prefix = requests.readNBytes(PREFIX_BYTES);
        if (prefix.length < PREFIX_BYTES) return null;
        int length = integerAt(prefix, 0) - 5;
        int headerLength = integerAt(prefix, 5);
        byte[] header = requests.readNBytes(headerLength);
        byte[] body = requests.readNBytes(length - headerLength);
        if (body.length < length - headerLength) return null;
        return new Frame(prefix[4], (Map<?, ?>) JsonReader.read(header), body);
    }

    /** Threads of the function may log while the handler answers: a frame is written whole. */
    synchronized void send(int type, Map<String, ?> header, byte[] body) throws IOException {
        byte[] head = JsonWriter.write(header);
        byte[] frame = new byte[PREFIX_BYTES + head.length + body.length];
        putInteger(frame, 0, 5 + head.length + body.length);
        frame[4] = (byte) type;
        putInteger(frame, 5, head.length);
        System.arraycopy(head, 0, frame, PREFIX_BYTES, head.length);
        System.arraycopy(body, 0, frame, PREFIX_BYTES + head.length, body.length);
        answers.write(frame);
    }

    private static int integerAt(byte[] bytes, int index) {
        return (bytes[index] & 0xFF) << 24 | (bytes[index + 1] & 0xFF) << 16 | (bytes[index + 2] & 0xFF) << 8 | bytes[index + 3] & 0xFF;
    }

    private static void putInteger(byte[] bytes, int index, int value) {
        for (int offset = 0; offset < 4; offset++) bytes[index + offset] = (byte) (value >>> 24 - 8 * offset);
    }
}
