package dev.forebay.control;

import java.util.Optional;

/**
 * A tag that a thing must have.
 *
 * @param value empty: any
 */
record RequiredTag(String key, Optional<String> value) {
    /** False if no stored tag can be this one; PostgreSQL refuses some of these texts. */
    boolean couldBe() {
        return Tags.couldBe(key, value.orElse(""));
    }
}
