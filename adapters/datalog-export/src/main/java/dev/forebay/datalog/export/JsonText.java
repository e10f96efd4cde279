package dev.forebay.datalog.export;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON, built piece by piece on one line. Names and texts are escaped so that the result is ASCII
 * without control characters. For use by one thread.
 */
final class JsonText {
    private final StringBuilder text = new StringBuilder();
    private boolean first = true;

    JsonText clear() {
        text.setLength(0);
        first = true;
        return this;
    }

    JsonText begin() {
        text.append('{');
        first = true;
        return this;
    }

    JsonText end() {
        text.append('}');
        first = false;
        return this;
    }

    JsonText name(String name) {
        if (!first) {
            text.append(',');
        }
        first = false;
        quote(name);
        text.append(':');
        return this;
    }

    /** A member whose value is JSON already, such as a number. */
    JsonText raw(String name, String json) {
        name(name);
        text.append(json);
        return this;
    }

    JsonText put(String name, @Nullable Object value) {
        name(name);
        value(value);
        return this;
    }

    private void value(@Nullable Object value) {
        switch (value) {
            case null -> text.append("null");
            case Map<?, ?> map -> {
                text.append('{');
                String comma = "";
                for (Map.Entry<?, ?> member : map.entrySet()) {
                    text.append(comma);
                    quote(String.valueOf(member.getKey()));
                    text.append(':');
                    value(member.getValue());
                    comma = ",";
                }
                text.append('}');
            }
            case List<?> list -> {
                text.append('[');
                String comma = "";
                for (Object each : list) {
                    text.append(comma);
                    value(each);
                    comma = ",";
                }
                text.append(']');
            }
            case Number number -> text.append(number);
            case Boolean truth -> text.append(truth);
            default -> quote(value.toString());
        }
    }

    private void quote(String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c >= ' ' && c < 0x7F) {
                text.append(c);
            } else {
                text.append("\\u%04x".formatted((int) c));
            }
        }
        text.append('"');
    }

    /** The bytes of the JSON, one a character. */
    byte[] bytes() {
        return text.toString().getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
