package dev.forebay.server;

import dev.forebay.wire.Json;
import dev.forebay.wire.control.ErrorBody;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How a face answers a fault.
 *
 * @param json the body, or empty for none or for text
 * @param text the body as plain text, or empty
 * @param state what an operator must know; it is logged once while it lasts. Empty if the fault is
 *     the client's, or passes by itself.
 */
record ErrorAnswer(
        int status,
        Map<String, String> headers,
        Optional<ErrorBody> json,
        Optional<String> text,
        Optional<String> state) {

    static ErrorAnswer empty(int status) {
        return new ErrorAnswer(
                status, Map.of(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    static ErrorAnswer of(int status, ErrorBody body) {
        return new ErrorAnswer(
                status, Map.of(), Optional.of(body), Optional.empty(), Optional.empty());
    }

    static ErrorAnswer of(int status, String code, String message) {
        return of(status, ErrorBody.of(code, message));
    }

    /** An answer in plain text. */
    static ErrorAnswer text(int status, String sentence) {
        return new ErrorAnswer(
                status, Map.of(), Optional.empty(), Optional.of(sentence), Optional.empty());
    }

    ErrorAnswer with(String header, String value) {
        Map<String, String> more = new TreeMap<>(headers);
        more.put(header, value);
        return new ErrorAnswer(status, Map.copyOf(more), json, text, state);
    }

    ErrorAnswer logged(Optional<String> other) {
        return new ErrorAnswer(status, headers, json, text, other);
    }

    /** The content type of the body. */
    String contentType() {
        return text.isPresent() ? Exchange.TEXT : Exchange.JSON;
    }

    /** The bytes of the body; none if there is no body. */
    byte[] body() {
        return text.map(sentence -> sentence.getBytes(StandardCharsets.UTF_8))
                .or(() -> json.map(Json::write))
                .orElse(new byte[0]);
    }
}
