package dev.forebay.control;

import java.util.Map;
import java.util.Optional;

/** The tags of a codespec's name; no version and no run holds them. */
public record CodespecTags(String name, Map<String, String> tags) {
    public CodespecTags {
        tags = Map.copyOf(tags);
    }

    /** Changes exactly when the tags change. */
    public String eTag() {
        return ETag.of(name, false, Optional.empty(), tags);
    }
}
