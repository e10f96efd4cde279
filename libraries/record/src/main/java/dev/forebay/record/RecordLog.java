package dev.forebay.record;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a buffer needs of a journal; broken twins stand in here. */
interface RecordLog {
    /** One frame. */
    record Stored(long position, Instant time, int kind, ByteBuffer payload) {}

    /** What its opening read, and whether it cut a torn end with so many readable frames. */
    record Opened(long scannedBytes, boolean torn, long tornFrames) {}

    Opened opened();

    /**
     * Notes, at {@code WRITTEN}, what lets records go, and returns the position. A full disk has
     * room for it: the journal keeps a reserve.
     */
    long note(int kind, byte[] payload);

    /**
     * Appends, at {@code WRITTEN} and in order, records and what can be done without; the position
     * of the last. A full disk refuses it.
     */
    long append(int kind, List<byte[]> payloads);

    /** Whether trimming to {@code position} would make room. */
    boolean frees(long position);

    /** The bytes that the reserve has when nothing is in it. */
    long reserve();

    /** Blocks until the frame at {@code position} and all before it survive a power cut. */
    void sync(long position);

    /** Reads everything from {@code position} (0: the beginning), up to {@code last} if given. */
    void read(long position, Consumer<Stored> reader, @Nullable Long last);

    /** Frames in front of {@code position} are not needed. */
    void trim(long position);

    void close();
}
