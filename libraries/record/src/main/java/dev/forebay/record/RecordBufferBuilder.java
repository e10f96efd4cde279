package dev.forebay.record;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.Durability;
import dev.forebay.base.Trigger;
import dev.forebay.journal.Journal;
import dev.forebay.journal.JournalSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link RecordBuffer} is made. Contradictions are refused by {@link #open}; {@link
 * #warnings} says what is legal and probably not meant.
 *
 * <p>Not safe for use by several threads.
 *
 * @param <T> what a record is
 */
public final class RecordBufferBuilder<T> {
    final Trigger<T> trigger;
    final List<RecordListener> listeners = new ArrayList<>();
    Clock clock = Clock.system();
    Disk disk = Disk.system();
    @Nullable Path directory;
    JournalSettings settings = JournalSettings.defaults();
    Durability durability = Durability.SYNCED;
    @Nullable Durability handOver;
    @Nullable Durability commits;
    @Nullable Codec<T> codec;
    @Nullable ToIntFunction<? super T> sizer;
    long capacity = 1_000_000;
    WhenFull whenFull = WhenFull.block(Duration.ofSeconds(60));
    int maxBatchRecords = Integer.MAX_VALUE;
    long maxBatchBytes = Long.MAX_VALUE;
    int maxRecordBytes = 16 << 20;
    long maxDeadLetterRecords = 100_000;
    long maxDeadLetterBytes = 16 << 20;
    @Nullable Duration stuckAfter;

    RecordBufferBuilder(Trigger<T> trigger) {
        this.trigger = trigger;
    }

    /** A copy, so that later changes of the builder do not reach an open buffer. */
    private RecordBufferBuilder(RecordBufferBuilder<T> other) {
        trigger = other.trigger;
        listeners.addAll(other.listeners);
        clock = other.clock;
        disk = other.disk;
        directory = other.directory;
        settings = other.settings;
        durability = other.durability;
        codec = other.codec;
        sizer = other.sizer;
        capacity = other.capacity;
        whenFull = other.whenFull;
        maxBatchRecords = other.maxBatchRecords;
        maxBatchBytes = other.maxBatchBytes;
        maxRecordBytes = other.maxRecordBytes;
        maxDeadLetterRecords = other.maxDeadLetterRecords;
        maxDeadLetterBytes = other.maxDeadLetterBytes;
        stuckAfter = other.stuckAfter;
        handOver = other.handOver;
        commits = other.commits;
    }

    /**
     * The clock of ages and deadlines; by default the machine's.
     *
     * @param newClock measures them
     * @return this
     */
    public RecordBufferBuilder<T> clock(Clock newClock) {
        clock = newClock;
        return this;
    }

    /**
     * Keeps the records in a journal in {@code newDirectory}, whose parent must exist. Needs a
     * codec. The directory is the buffer's own: another process is refused.
     *
     * @param newDirectory of this buffer alone
     * @return this
     */
    public RecordBufferBuilder<T> journal(Path newDirectory) {
        directory = newDirectory;
        return this;
    }

    /**
     * Which disk the journal is on.
     *
     * @param newDisk by default the machine's
     * @return this
     */
    public RecordBufferBuilder<T> disk(Disk newDisk) {
        disk = newDisk;
        return this;
    }

    /**
     * The limits of the journal, which may change between two openings.
     *
     * @param newSettings by default those of a journal
     * @return this
     */
    public RecordBufferBuilder<T> journalSettings(JournalSettings newSettings) {
        settings = newSettings;
        return this;
    }

    /**
     * What an add on a journal waits for: {@code SYNCED}, or {@code WRITTEN}, which survives the
     * process and not the machine.
     *
     * @param newDurability by default {@code SYNCED}
     * @return this
     */
    public RecordBufferBuilder<T> durability(Durability newDurability) {
        durability = newDurability;
        return this;
    }

    /**
     * What a batch on a journal has reached when it is handed out; that of {@link #durability}
     * unless said otherwise. At {@code WRITTEN} the id of a batch survives the death of the
     * process, and a power cut may give it to other records. A consumer that must recognise repeats
     * across power cuts asks for {@code SYNCED}, which waits for a sync at each hand-over.
     *
     * @param newDurability {@code WRITTEN} or {@code SYNCED}
     * @return this
     */
    public RecordBufferBuilder<T> handOver(Durability newDurability) {
        handOver = newDurability;
        return this;
    }

    /**
     * What a commit on a journal has reached when it returns; that of {@link #durability} unless
     * said otherwise. At {@code WRITTEN} a commit survives the death of the process and waits for
     * no sync: the next one covers it, be it of an add, a release or the close. After a power cut
     * before that the batch comes again, with its id.
     *
     * @param newDurability {@code WRITTEN} or {@code SYNCED}
     * @return this
     */
    public RecordBufferBuilder<T> commits(Durability newDurability) {
        commits = newDurability;
        return this;
    }

    /**
     * How records become bytes and back; a journal needs one, and bytes are measured by it.
     *
     * @param newCodec is called by many threads
     * @return this
     */
    public RecordBufferBuilder<T> codec(Codec<T> newCodec) {
        codec = newCodec;
        return this;
    }

    /**
     * Measures records in bytes, each 0 or more, where there is no codec or its bytes are not
     * meant. Called by many threads.
     *
     * @param newSizer gives the bytes of a record
     * @return this
     */
    public RecordBufferBuilder<T> sizer(ToIntFunction<? super T> newSizer) {
        sizer = newSizer;
        return this;
    }

    /**
     * How many uncommitted records the buffer has in memory at most: 1 or more, and not fewer than
     * the trigger waits for; a million by default. Spilled batches do not count.
     *
     * @param records the capacity
     * @return this
     */
    public RecordBufferBuilder<T> capacity(long records) {
        capacity = records;
        return this;
    }

    /**
     * What becomes of a record beyond that; by default its caller waits up to 60 s for room.
     *
     * @param choice to wait, to refuse, to drop or to spill
     * @return this
     */
    public RecordBufferBuilder<T> whenFull(WhenFull choice) {
        whenFull = choice;
        return this;
    }

    /**
     * A release is divided into batches of at most {@code records} records; 1 or more.
     *
     * @param records the largest number
     * @return this
     */
    public RecordBufferBuilder<T> maxBatchRecords(int records) {
        maxBatchRecords = records;
        return this;
    }

    /**
     * A release is divided into batches of at most {@code bytes} encoded bytes; 1 or more.
     *
     * @param bytes the largest sum
     * @return this
     */
    public RecordBufferBuilder<T> maxBatchBytes(long bytes) {
        maxBatchBytes = bytes;
        return this;
    }

    /**
     * The largest encoded record that is taken, in bytes, 1 or more; 16 MiB by default.
     *
     * @param bytes the largest size
     * @return this
     */
    public RecordBufferBuilder<T> maxRecordBytes(int bytes) {
        maxRecordBytes = bytes;
        return this;
    }

    /**
     * How many records the dead letters may have together, 0 or more; 100 000 by default. When they
     * are full, {@link RecordBuffer#deadLetter} is refused and a {@link Delivery} stops with that
     * cause: nothing is lost, and nothing is skipped.
     *
     * @param records the largest sum
     * @return this
     */
    public RecordBufferBuilder<T> maxDeadLetterRecords(long records) {
        maxDeadLetterRecords = records;
        return this;
    }

    /**
     * As {@link #maxDeadLetterRecords}, in encoded bytes; 16 MiB by default.
     *
     * @param bytes the largest sum
     * @return this
     */
    public RecordBufferBuilder<T> maxDeadLetterBytes(long bytes) {
        maxDeadLetterBytes = bytes;
        return this;
    }

    /**
     * Adds a listener that hears what the buffer does.
     *
     * @param listener must not block
     * @return this
     */
    public RecordBufferBuilder<T> listener(RecordListener listener) {
        listeners.add(listener);
        return this;
    }

    /**
     * A batch that was released longer ago and is not committed makes {@link Gauges#stuck} true;
     * never when not set.
     *
     * @param limit positive
     * @return this
     */
    public RecordBufferBuilder<T> stuckAfter(Duration limit) {
        stuckAfter = limit;
        return this;
    }

    /**
     * What is legal and probably not meant; also logged by {@link #open}.
     *
     * @return a sentence each
     */
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        if (!trigger.canRelease()) {
            warnings.add(
                    "the trigger can never release: anyOf() has no condition; only flush, drain and"
                            + " releaseAtNextTransfer let records go");
        }
        return warnings;
    }

    boolean measures() {
        return codec != null || sizer != null;
    }

    /** What an add that returns has reached. */
    Durability durability() {
        return directory == null ? Durability.ACCEPTED : durability;
    }

    /** What a batch has reached when it is handed out. */
    Durability handOver() {
        return handOver == null ? durability : handOver;
    }

    /** Whether a batch is handed out only when its release is synced. */
    boolean syncsHandOver() {
        return handOver() == Durability.SYNCED;
    }

    /** Whether a commit returns only when it is synced. */
    boolean syncsCommits() {
        return (commits == null ? durability() : commits) == Durability.SYNCED;
    }

    /** The size of a record, as the sizer says or else the bytes of its encoded form. */
    int size(T record, int encodedBytes) {
        return sizer == null ? encodedBytes : sizer.applyAsInt(record);
    }

    /** The journal, opened; null in memory. */
    @Nullable Journal openJournal() {
        return directory == null
                ? null
                : Journal.open(disk, clock, directory, settings.withReserve(true));
    }

    /**
     * Opens the buffer; on a journal, with everything that was not committed, after reading the
     * part of it that is still needed. The builder can be used again.
     *
     * @return the buffer, to be closed by the caller
     * @throws IllegalArgumentException if the choices contradict each other
     * @throws dev.forebay.journal.JournalException if another has the directory, or the disk fails
     * @throws dev.forebay.base.DamagedException if the journal is damaged in the middle and its
     *     settings do not say to set that aside; nothing was changed
     */
    public RecordBuffer<T> open() {
        check(capacity >= 1, "capacity must be at least 1, not " + capacity);
        check(maxBatchRecords >= 1, "maxBatchRecords must be at least 1, not " + maxBatchRecords);
        check(maxRecordBytes >= 1, "maxRecordBytes must be at least 1, not " + maxRecordBytes);
        check(maxBatchBytes >= 1, "maxBatchBytes must be at least 1, not " + maxBatchBytes);
        check(
                maxDeadLetterRecords >= 0 && maxDeadLetterBytes >= 0,
                "maxDeadLetterRecords and maxDeadLetterBytes must be at least 0, not "
                        + maxDeadLetterRecords
                        + " and "
                        + maxDeadLetterBytes);
        check(
                stuckAfter == null || stuckAfter.isPositive(),
                "stuckAfter must be positive, not " + stuckAfter);
        check(
                trigger.recordsNeeded() <= capacity,
                "the trigger waits for "
                        + trigger.recordsNeeded()
                        + " records and the buffer is full at "
                        + capacity
                        + ": raise the capacity above the threshold");
        check(
                measures() || !trigger.needsBytes() && maxBatchBytes == Long.MAX_VALUE,
                "a limit in bytes needs a codec or a sizer");
        check(directory == null || codec != null, "a buffer on a journal needs a codec");
        check(
                directory != null || !(whenFull instanceof WhenFull.Spill),
                "spilling needs a journal to spill to");
        check(
                directory == null || durability != Durability.ACCEPTED,
                "a buffer on a journal gives WRITTEN or SYNCED; leave the journal out for ACCEPTED");
        check(
                handOver == null || directory != null && handOver.compareTo(durability) >= 0,
                "handOver(%s) needs a journal and at least its durability, %s"
                        .formatted(handOver, durability()));
        check(
                commits == null
                        || directory != null
                                && commits != Durability.ACCEPTED
                                && commits.compareTo(durability) <= 0,
                "commits(%s) needs a journal, and WRITTEN or the buffer's durability, %s"
                        .formatted(commits, durability()));
        for (String warning : warnings()) {
            System.getLogger(RecordBuffer.class.getName())
                    .log(System.Logger.Level.WARNING, warning);
        }
        return new RecordBuffer<>(new RecordBufferBuilder<>(this));
    }

    private static void check(boolean right, String otherwise) {
        if (!right) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
