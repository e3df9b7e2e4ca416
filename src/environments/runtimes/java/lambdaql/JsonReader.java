package lambdaql;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads JSON into maps, lists, strings, numbers (Integer, Long, BigInteger, Double or BigDecimal), booleans and null. */
final class JsonReader {
    private static final int DEEPEST = 1000;
    private static final int DIGITS_OF_DOUBLE = 17;

    private final String text;
    private int at;
    private int depth;

    private JsonReader(String text) {
        this.text = text;
    }

    /** Throws an IllegalArgumentException with the place where it is no JSON. */
    static Object read(byte[] json) {
        JsonReader reader = new JsonReader(new String(json, StandardCharsets.UTF_8));
        Object value = reader.value();
        reader.skipSpace();
        if (reader.at < reader.text.length()) throw reader.fault("more after the end");
        return value;
    }

    private Object value() {
        skipSpace();
        if (at >= text.length()) throw fault("it ends too early");
        switch (text.charAt(at)) {
            case '{':
                return object();
            case '[':
                return array();
            case '"':
                return string();
            case 't':
                return word("true", true);
            case 'f':
                return word("false", false);
            case 'n':
                return word("null", null);
            default:
                return number();
        }
    }

    private Map<String, Object> object() {
        enter();
        Map<String, Object> object = new LinkedHashMap<>();
        if (!closes('}')) {
            do {
                skipSpace();
                if (at >= text.length() || text.charAt(at) != '"') throw fault("a name is expected");
                String name = string();
                expect(':');
                object.put(name, value());
            } while (continues('}'));
        }
        depth--;
        return object;
    }

    private List<Object> array() {
        enter();
        List<Object> array = new ArrayList<>();
        if (!closes(']')) {
            do array.add(value());
            while (continues(']'));
        }
        depth--;
        return array;
    }

    private void enter() {
        at++;
        if (++depth > DEEPEST) throw fault("it is nested deeper than " + DEEPEST + " levels");
    }

    private boolean closes(char end) {
        skipSpace();
        if (at >= text.length() || text.charAt(at) != end) return false;
        at++;
        return true;
    }

    private boolean continues(char end) {
        if (closes(end)) return false;
        expect(',');
        return true;
    }

    private void expect(char wanted) {
        skipSpace();
        if (at >= text.length() || text.charAt(at) != wanted) throw fault("'" + wanted + "' is expected");
        at++;
    }

    private String string() {
        int begin = ++at;
        while (at < text.length() && text.charAt(at) != '"' && text.charAt(at) != '\\' && text.charAt(at) >= ' ') at++;
        // Most strings have no escapes.
        if (at < text.length() && text.charAt(at) == '"') return text.substring(begin, at++);
        StringBuilder string = new StringBuilder(text.substring(begin, at));
        while (true) {
            if (at >= text.length()) throw fault("a string has no end");
            char letter = text.charAt(at++);
            if (letter == '"') return string.toString();
            if (letter < ' ') throw fault("a control character is in a string");
            string.append(letter == '\\' ? escape() : letter);
        }
    }

    private char escape() {
        if (at >= text.length()) throw fault("a string has no end");
        char letter = text.charAt(at++);
        switch (letter) {
            case 'b':
                return '\b';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'u':
                return unicode();
            case '"':
            case '\\':
            case '/':
                return letter;
            default:
                throw fault("'\\" + letter + "' is no escape");
        }
    }

    private char unicode() {
        int code = 0;
        for (int count = 0; count < 4; count++) {
            int digit = at < text.length() ? Character.digit(text.charAt(at), 16) : -1;
            if (digit < 0) throw fault("four hexadecimal digits are expected");
            code = code * 16 + digit;
            at++;
        }
        return (char) code;
    }

    private Object word(String word, Object value) {
        if (!text.startsWith(word, at)) throw fault("'" + text.charAt(at) + "' is not expected");
        at += word.length();
        return value;
    }

    private Object number() {
        int begin = at;
        if (at < text.length() && text.charAt(at) == '-') at++;
        int firstDigit = at;
        digits();
        if (at - firstDigit > 1 && text.charAt(firstDigit) == '0') throw fault("a number begins with 0");
        boolean isInteger = true;
        if (at < text.length() && text.charAt(at) == '.') {
            isInteger = false;
            at++;
            digits();
        }
        if (at < text.length() && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
            isInteger = false;
            at++;
            if (at < text.length() && (text.charAt(at) == '+' || text.charAt(at) == '-')) at++;
            digits();
        }
        String number = text.substring(begin, at);
        if (!isInteger) return decimal(number);
        if (number.length() > 18) return narrow(new BigInteger(number));
        long value = Long.parseLong(number);
        if (value == (int) value) return (int) value;
        return value;
    }

    /** A double, unless it has more digits than any double needs: then none is lost. */
    private static Object decimal(String number) {
        int digits = 0;
        for (int index = 0; index < number.length() && (number.charAt(index) | 32) != 'e'; index++) {
            if (Character.isDigit(number.charAt(index))) digits++;
        }
        if (digits > DIGITS_OF_DOUBLE) return new BigDecimal(number);
        return Double.valueOf(number);
    }

    private static Object narrow(BigInteger value) {
        return value.bitLength() < 64 ? (Object) value.longValue() : value;
    }

    private void digits() {
        int begin = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') at++;
        if (at == begin) throw fault(at < text.length() ? "'" + text.charAt(at) + "' is not expected" : "it ends too early");
    }

    private void skipSpace() {
        while (at < text.length()) {
            char letter = text.charAt(at);
            if (letter != ' ' && letter != '\n' && letter != '\r' && letter != '\t') return;
            at++;
        }
    }

    private IllegalArgumentException fault(String reason) {
        return new IllegalArgumentException("This is no JSON at character " + at + ": " + reason);
    }
}
