package dev.forebay.control;

import java.util.Optional;

/**
 * A tag that a thing must have.
 *
 * @param value empty: any
 */
record RequiredTag(String key, Optional<String> value) {
    /**
     * The SQL by which a row of the tags of buffers is this tag. Without a value it asks for the
     * expression that the index {@code buffer_tags_by_key} begins with.
     *
     * @param row the name of the row
     */
    String condition(String row, String keyParameter, String valueParameter) {
        return value.isPresent()
                ? "%1$s.tag_key = %2$s and %1$s.tag_value = %3$s"
                        .formatted(row, keyParameter, valueParameter)
                : "%s.tag_key || '' = %s".formatted(row, keyParameter);
    }

    /** False if no stored tag can be this one; PostgreSQL refuses some of these texts. */
    boolean couldBe() {
        return Tags.couldBe(key, value.orElse(""));
    }
}
