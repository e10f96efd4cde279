package dev.forebay.blob;

/**
 * Which names of a container to list, in the order of their texts.
 *
 * @param prefix what every name begins with
 * @param deep false to have names that go on behind a slash after the prefix as one folder each
 * @param after only names and folders behind this text; empty for all
 * @param most how many at most, 1 or more
 */
public record Listing(String prefix, boolean deep, String after, int most) {
    /** Checks that at least one name is asked for. */
    public Listing {
        if (most < 1) {
            throw new IllegalArgumentException("a listing must have room for 1 name: " + most);
        }
    }
}
