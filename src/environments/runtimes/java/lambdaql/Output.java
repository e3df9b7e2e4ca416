package lambdaql;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/** What the function writes: raw output on descriptors 1 and 2, records of loggers as frames. */
final class Output {
    private static final int LONGEST_RECORD_BYTES = 256 * 1024;

    private final Frames frames;
    private final OutputStream standardOutput = new FileOutputStream(FileDescriptor.out);
    private final OutputStream standardError = new FileOutputStream(FileDescriptor.err);

    Output(Frames frames) {
        this.frames = frames;
    }

    /** What is written is out at once, before the process can end. */
    void redirectSystemStreams() {
        System.setOut(new PrintStream(standardOutput, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(standardError, true, StandardCharsets.UTF_8));
    }

    /** One event of the log, line breaks and all. */
    void record(String text) {
        record(Bootstrap.utf8(text));
    }

    void record(byte[] text) {
        int end = text.length;
        // The breaks that end it are not part of the message.
        while (end > 0 && text[end - 1] == '\n') end--;
        int begin = 0;
        while (end - begin > LONGEST_RECORD_BYTES) {
            int cut = begin + LONGEST_RECORD_BYTES;
            while ((text[cut] & 0xC0) == 0x80) cut--;
            sendRecord(Arrays.copyOfRange(text, begin, cut));
            begin = cut;
        }
        sendRecord(Arrays.copyOfRange(text, begin, end));
    }

    private void sendRecord(byte[] text) {
        try {
            frames.send(Frames.LOG, Map.of("source", "STDOUT"), text);
        } catch (IOException error) {
            // The service is gone, and so is who would read it.
        }
    }

    /** Hands on what System.out and System.err hold back. */
    void flush() {
        System.out.flush();
        System.err.flush();
    }
}
