package dev.forebay.journal;

import java.time.Instant;

/** One appended payload with what the journal noted about it. */
public final class Frame implements Entry {
    private final long sequence;
    private final Instant time;
    private final int flags;
    private final byte[] payload;

    Frame(long sequence, Instant time, int flags, byte[] payload) {
        this.sequence = sequence;
        this.time = time;
        this.flags = flags;
        this.payload = payload;
    }

    @Override
    public long sequence() {
        return sequence;
    }

    @Override
    public long next() {
        return sequence + 1;
    }

    /** {@return the wall time of the append, to the microsecond; it may jump either way} */
    public Instant time() {
        return time;
    }

    /** {@return the 16 bits that the appender gave, 0 to 65535} */
    public int flags() {
        return flags;
    }

    /** {@return the bytes that were appended; the array is the caller's} */
    public byte[] payload() {
        return payload;
    }

    @Override
    public String toString() {
        return "Frame[" + sequence + ", " + time + ", " + payload.length + " B]";
    }
}
