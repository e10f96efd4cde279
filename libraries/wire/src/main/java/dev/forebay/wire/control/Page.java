package dev.forebay.wire.control;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of a listing.
 *
 * @param <T> what is listed
 * @param items of this part, in their order
 * @param nextLink path and query of the next part, absent on the last one
 */
public record Page<T>(List<T> items, @Nullable String nextLink) {
    /** Copies the list. */
    public Page {
        items = List.copyOf(items);
    }
}
