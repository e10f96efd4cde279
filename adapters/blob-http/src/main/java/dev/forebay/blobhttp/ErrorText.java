package dev.forebay.blobhttp;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.forebay.base.Printable;
import dev.forebay.wire.PlainJson;
import dev.forebay.wire.WireFormatException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the body of a refusal says, for people: code and message out of the JSON of a control plane
 * or the XML of a store, or the beginning of a plain text. A page of markup says nothing.
 */
final class ErrorText {
    private static final int SHOWN = 200;
    private static final Pattern XML =
            Pattern.compile("<Code>([^<]*)</Code>\\s*<Message>([^<]*)</Message>");

    private ErrorText() {}

    /** One printable line of at most 200 characters; empty if there is nothing to say. */
    static String of(String body) {
        String line = Printable.of(sentence(body.strip()).replaceAll("\\s+", " ").strip());
        return line.substring(0, Math.min(SHOWN, line.length()));
    }

    private static String sentence(String body) {
        Matcher xml = XML.matcher(body);
        if (xml.find()) {
            return xml.group(1) + ": " + xml.group(2);
        }
        if (body.startsWith("<")) {
            return "";
        }
        return body.startsWith("{") ? ofJson(body) : body;
    }

    /** An excerpt may be cut off, and other servers have JSON of their own: that is shown as is. */
    private static String ofJson(String body) {
        try {
            return PlainJson.readObject(body.getBytes(UTF_8)).get("error")
                            instanceof Map<?, ?> error
                    ? error.get("code") + ": " + error.get("message")
                    : body;
        } catch (WireFormatException e) {
            return body;
        }
    }
}
