package dev.forebay.client;

import dev.forebay.wire.WireFormatException;
import java.util.Map;

/**
 * What the server said of one version of a codespec.
 *
 * @param json all of it, with fields that this client does not know
 */
public record CodespecInfo(Map<String, Object> json) {
    /**
     * Its name.
     *
     * @return the name
     */
    public String name() {
        return String.valueOf(required("name"));
    }

    /**
     * The number of the version.
     *
     * <p>From 1 on.
     *
     * @return 1 or more
     */
    public int version() {
        return required("version") instanceof Number number ? number.intValue() : 0;
    }

    private Object required(String field) {
        Object value = json.get(field);
        if (value == null) {
            throw new WireFormatException(
                    "the server sent a codespec without '%s': %s; is it a Forebay server?"
                            .formatted(field, json),
                    null);
        }
        return value;
    }
}
