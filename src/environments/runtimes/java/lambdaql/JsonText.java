package lambdaql;

import java.nio.charset.StandardCharsets;

/** A value as an error message shows it: JSON, not too long. */
final class JsonText {
    private static final int LONGEST = 80;

    private JsonText() {}

    static String shown(Object value) {
        String json = new String(JsonWriter.write(value), StandardCharsets.UTF_8);
        return json.length() > LONGEST ? json.substring(0, LONGEST) + "..." : json;
    }
}
