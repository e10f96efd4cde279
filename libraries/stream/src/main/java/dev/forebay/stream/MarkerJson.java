package dev.forebay.stream;

import dev.forebay.base.DamagedException;
import dev.forebay.base.Printable;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the one JSON object of a marker blob: strictly by the grammar, at most {@link #LARGEST}
 * bytes and {@link #DEEPEST} levels, no key twice. Values of the object are strings, {@link
 * BigDecimal}s and {@link Boolean}s; null, arrays and inner objects are checked and left out, for
 * no marker of ours has them and a newer one may.
 */
final class MarkerJson {
    static final int LARGEST = 4096;
    private static final int DEEPEST = 16;
    private static final int LONGEST_NUMBER = 40;

    private final String name;
    private final String text;
    private int at;

    private MarkerJson(String name, String text) {
        this.name = name;
        this.text = text;
    }

    /**
     * @param name of the blob, for the message
     * @throws DamagedException if the bytes are anything else
     */
    static Map<String, Object> parse(String name, ByteBuffer body) {
        if (body.remaining() > LARGEST) {
            throw new DamagedException(
                    name + " has " + body.remaining() + " bytes; at most " + LARGEST + " expected");
        }
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(body.duplicate()).toString();
            MarkerJson json = new MarkerJson(name, text);
            json.space();
            Map<String, Object> found = json.object(0);
            json.space();
            if (json.at != text.length()) {
                throw json.wrong("the end");
            }
            return found;
        } catch (CharacterCodingException e) {
            throw new DamagedException(name + " is not UTF-8", e);
        }
    }

    private DamagedException wrong(String expected) {
        String found =
                at < text.length()
                        ? "'%s'".formatted(Printable.of(text.substring(at, at + 1)))
                        : "the end";
        return new DamagedException(
                "%s is not a JSON object: expected %s at character %d, found %s"
                        .formatted(name, expected, at, found));
    }

    private Map<String, Object> object(int depth) {
        Map<String, Object> found = new LinkedHashMap<>();
        expect('{');
        space();
        if (accept('}')) {
            return found;
        }
        do {
            space();
            int start = at;
            String key = string();
            space();
            expect(':');
            space();
            Object value = value(depth + 1);
            if (value != null && found.put(key, value) != null) {
                at = start;
                throw wrong("a key that is not there yet");
            }
            space();
        } while (accept(','));
        expect('}');
        return found;
    }

    private @Nullable Object value(int depth) {
        if (depth > DEEPEST) {
            throw wrong("at most " + DEEPEST + " levels");
        }
        char first = at < text.length() ? text.charAt(at) : '\0';
        return switch (first) {
            case '"' -> string();
            case '{' -> {
                object(depth);
                yield null;
            }
            case '[' -> {
                array(depth);
                yield null;
            }
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", null);
            default -> number();
        };
    }

    private void array(int depth) {
        expect('[');
        space();
        if (accept(']')) {
            return;
        }
        do {
            space();
            value(depth + 1);
            space();
        } while (accept(','));
        expect(']');
    }

    private @Nullable Object word(String word, @Nullable Object value) {
        if (!text.startsWith(word, at)) {
            throw wrong("a value");
        }
        at += word.length();
        return value;
    }

    private BigDecimal number() {
        int start = at;
        accept('-');
        if (!accept('0')) {
            digits();
        }
        if (accept('.')) {
            digits();
        }
        if (accept('e') || accept('E')) {
            if (!accept('+')) {
                accept('-');
            }
            int exponent = at;
            digits();
            if (at - exponent > 3) {
                throw wrong("an exponent of at most 3 digits");
            }
        }
        if (at - start > LONGEST_NUMBER) {
            throw wrong("a number of at most " + LONGEST_NUMBER + " characters");
        }
        return new BigDecimal(text.substring(start, at));
    }

    private void digits() {
        int start = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        if (at == start) {
            throw wrong("a value");
        }
    }

    private String string() {
        expect('"');
        StringBuilder read = new StringBuilder();
        while (!accept('"')) {
            if (at >= text.length() || text.charAt(at) < ' ') {
                throw wrong("a character of a string");
            }
            char c = text.charAt(at++);
            read.append(c == '\\' ? escaped() : c);
        }
        return read.toString();
    }

    private char escaped() {
        char c = at < text.length() ? text.charAt(at++) : '\0';
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                int code = 0;
                for (int i = 0; i < 4; i++) {
                    int digit = at < text.length() ? Character.digit(text.charAt(at), 16) : -1;
                    if (digit < 0 || text.charAt(at) > 'f') {
                        throw wrong("four hexadecimal digits");
                    }
                    code = code << 4 | digit;
                    at++;
                }
                yield (char) code;
            }
            default -> throw wrong("an escape");
        };
    }

    private void space() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private boolean accept(char c) {
        if (at < text.length() && text.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    private void expect(char c) {
        if (!accept(c)) {
            throw wrong("'" + c + "'");
        }
    }
}
