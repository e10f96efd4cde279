package dev.forebay.client;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The tags of a codespec's name, as the server said them.
 *
 * @param json all of it, with fields that this client does not know
 */
public record TagSet(Map<String, Object> json) {
    /**
     * The tags.
     *
     * @return values by their keys
     */
    public Map<String, String> tags() {
        Map<String, String> tags = new LinkedHashMap<>();
        if (json.get("tags") instanceof Map<?, ?> map) {
            map.forEach((key, value) -> tags.put(String.valueOf(key), String.valueOf(value)));
        }
        return tags;
    }

    /** {@return their version, which {@link RemoteCodespecs#setTags} compares} */
    public String eTag() {
        return String.valueOf(json.get("eTag"));
    }
}
