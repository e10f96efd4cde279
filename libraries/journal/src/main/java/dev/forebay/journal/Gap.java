package dev.forebay.journal;

/**
 * Frames that were damaged and set aside.
 *
 * @param sequence the first that is missing
 * @param count how many are missing, at least 1
 */
public record Gap(long sequence, long count) implements Entry {
    @Override
    public long next() {
        return sequence + count;
    }
}
