package dev.forebay.run;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import dev.forebay.base.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The log of one run in a file: lines in the order in which they came, each with its time, as
 * {@link LogFrame} draws them.
 *
 * <p><b>Guarantee.</b> Each line has a later time than the one before it, so the lines of several
 * sources are merged in order of time, and a reader can go on after a time; the pieces of a line
 * have one time. At most one line of {@link LogLimits#longestLine} is in memory for each source;
 * the log never has more than {@link LogLimits#most} bytes and one note that says how many bytes
 * were dropped, or could not be stored: the file has {@link #ROOM} for it from the beginning, zeros
 * behind the last frame. A source is read to its end whatever becomes of its lines, so that a full
 * log or a full disk never blocks a program.
 *
 * <p><b>Limit.</b> The log is <em>written</em>, not synced: after a power cut its end may be
 * missing; what is there is read.
 *
 * <p>Safe for use by many threads. Appending blocks on the disk under the one lock.
 */
public final class RunLog implements AutoCloseable {
    private static final int CHUNK = 1 << 16;

    /** What is kept behind the last frame for the note that may end the log. */
    private static final int ROOM = 512;

    private static final int LONGEST_REASON = 100;

    /** How frames get into the file. */
    @FunctionalInterface
    interface Writing {
        /** As {@link FileChannel#write(ByteBuffer, long)}. */
        int write(FileChannel file, ByteBuffer bytes, long position) throws IOException;
    }

    private final Path path;
    private final LogLimits limits;
    private final Clock clock;
    private final FileChannel file;
    private final Writing writing;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** Bytes of whole frames. */
    @GuardedBy("lock")
    private long size;

    /** Up to where the file holds frames of an earlier server; those behind size come anew. */
    @GuardedBy("lock")
    private long earlier;

    @GuardedBy("lock")
    private long dropped;

    @GuardedBy("lock")
    private Instant last = Instant.MIN;

    /** False while the last frame is a piece of a line whose rest is to come. */
    @GuardedBy("lock")
    private boolean wholeLines = true;

    @GuardedBy("lock")
    private boolean ended;

    @GuardedBy("lock")
    private @Nullable IOException failure;

    private RunLog(
            Path path,
            LogLimits limits,
            Clock clock,
            FileChannel file,
            Writing writing,
            long size,
            long earlier) {
        this.path = path;
        this.limits = limits;
        this.clock = clock;
        this.file = file;
        this.writing = writing;
        this.size = size;
        this.earlier = earlier;
    }

    /**
     * Makes the file, mode 0600; its name must be free.
     *
     * @param path of the file
     * @param limits how long lines and the log may be
     * @param clock gives lines their times
     * @return the log, to be closed by the caller
     * @throws IOException if the file cannot be made
     */
    public static RunLog create(Path path, LogLimits limits, Clock clock) throws IOException {
        return create(path, limits, clock, FileChannel::write);
    }

    static RunLog create(Path path, LogLimits limits, Clock clock, Writing writing)
            throws IOException {
        FileChannel file =
                FileChannel.open(
                        path,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        boolean done = false;
        try {
            RunLog log = new RunLog(path, limits, clock, file, writing, 0, 0);
            log.put(new byte[0], ROOM, 0);
            done = true;
            return log;
        } finally {
            if (!done) {
                file.close();
            }
        }
    }

    /**
     * Opens the log of a run that goes on and whose lines are appended anew from the first one.
     * Lines that an earlier server appended keep their times; from the first one that differs the
     * earlier ones are dropped. None is read before it came anew.
     *
     * @param path of the file, which is made if it is not there
     * @param limits how long lines and the log may be
     * @param clock gives further lines their times
     * @return the log, to be closed by the caller
     * @throws IOException if the file cannot be read or made
     */
    static RunLog resume(Path path, LogLimits limits, Clock clock) throws IOException {
        if (!Files.exists(path)) {
            return create(path, limits, clock);
        }
        FileChannel file =
                FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        boolean done = false;
        try {
            RunLog log =
                    new RunLog(path, limits, clock, file, FileChannel::write, 0, wholeFrames(path));
            done = true;
            return log;
        } finally {
            if (!done) {
                file.close();
            }
        }
    }

    /**
     * Opens the log of a run that has ended, up to its last whole line.
     *
     * @param path of the file
     * @param limits how long lines and the log may be
     * @param clock gives lines their times
     * @return the log, to be closed by the caller
     * @throws IOException if the file cannot be read
     */
    public static RunLog reopen(Path path, LogLimits limits, Clock clock) throws IOException {
        FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE);
        boolean done = false;
        try {
            RunLog log =
                    new RunLog(path, limits, clock, file, FileChannel::write, wholeFrames(path), 0);
            log.end();
            done = true;
            return log;
        } finally {
            if (!done) {
                file.close();
            }
        }
    }

    private static long wholeFrames(Path path) throws IOException {
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            return new LogFile(path, file).wholeFrames();
        }
    }

    /**
     * Appends the lines of {@code source} until its end; blocks.
     *
     * @param source stays open
     * @throws IOException if it cannot be read
     */
    public void copy(InputStream source) throws IOException {
        LineCutter cutter = new LineCutter(Math.toIntExact(limits.longestLine().bytes()));
        byte[] chunk = new byte[CHUNK];
        for (int count = source.read(chunk); count >= 0; count = source.read(chunk)) {
            cutter.add(chunk, count);
            append(cutter);
        }
        cutter.end();
        append(cutter);
    }

    private void append(LineCutter lines) {
        lock.lock();
        try {
            ByteArrayOutputStream frames = new ByteArrayOutputStream();
            long taken = 0;
            for (LineCutter.Line line : lines.take()) {
                byte[] text = withoutEarlier(line);
                if (text == null) {
                    continue;
                }
                long next = size + frames.size() + LogFrame.HEADER + text.length;
                if (failure != null || dropped > 0 || next > limits.most().bytes()) {
                    dropped += text.length + 1L;
                } else {
                    LogLine stored = new LogLine(now(line.whole()), text, line.whole());
                    LogFrame.append(stored, frames);
                    taken += text.length + 1L;
                }
            }
            if (!write(frames.toByteArray())) {
                dropped += taken;
            }
        } finally {
            lock.unlock();
        }
    }

    /** What of a line an earlier server did not append; null if it appended all of it. */
    @GuardedBy("lock")
    private byte @Nullable [] withoutEarlier(LineCutter.Line line) {
        byte[] text = line.text();
        try {
            LogFile stored = new LogFile(path, file);
            while (size < earlier) {
                LogFile.Header header = stored.header(size);
                LogLine known = stored.line(header);
                int length = known.text().length;
                if (!Arrays.equals(text, 0, Math.min(length, text.length), known.text(), 0, length)
                        || known.whole() && (!line.whole() || length < text.length)) {
                    dropEarlier();
                    return text;
                }
                size = header.next();
                last = known.at();
                wholeLines = known.whole();
                changed.signalAll();
                if (known.whole() == line.whole() && length == text.length) {
                    return null;
                }
                text = Arrays.copyOfRange(text, length, text.length);
            }
        } catch (IOException e) {
            failure = e;
        }
        return text;
    }

    @GuardedBy("lock")
    private void dropEarlier() throws IOException {
        earlier = 0;
        file.truncate(size);
    }

    /** The time of a line, after that of the line before it; a piece has that of its line. */
    @GuardedBy("lock")
    private Instant now(boolean whole) {
        Instant now = clock.wall();
        if (wholeLines) {
            last = now.isAfter(last) ? now : last.plusNanos(1);
        }
        wholeLines = whole;
        return last;
    }

    /** False if the frames are lost: after a failure nothing more is written. */
    @GuardedBy("lock")
    private boolean write(byte[] frames) {
        if (failure == null && frames.length > 0) {
            try {
                put(frames, ROOM, size);
                size += frames.length;
            } catch (IOException e) {
                failure = e;
            }
        }
        changed.signalAll();
        return failure == null;
    }

    /** Writes the bytes, and zeros behind them. */
    private void put(byte[] bytes, int zeros, long position) throws IOException {
        ByteBuffer all = ByteBuffer.wrap(Arrays.copyOf(bytes, bytes.length + zeros));
        while (all.hasRemaining()) {
            int _ = writing.write(file, all, position + all.position());
        }
    }

    /** No more lines come: followers end. Safe to call again. */
    public void end() {
        lock.lock();
        try {
            if (!ended && dropped > 0) {
                note();
            }
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** If this cannot be stored either, readers have the failure. */
    @GuardedBy("lock")
    private void note() {
        String why = failure == null ? "" : Reason.of(failure);
        String note =
                failure == null
                        ? "forebay: %d bytes of this log were dropped: it may have %s"
                                .formatted(dropped, limits.most())
                        : "forebay: the rest of this log, %d bytes, could not be stored: %s"
                                .formatted(
                                        dropped,
                                        why.substring(0, Math.min(why.length(), LONGEST_REASON)));
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        byte[] text = note.getBytes(StandardCharsets.UTF_8);
        LogFrame.append(new LogLine(now(true), text, true), frame);
        try {
            put(frame.toByteArray(), LogFrame.HEADER, size);
            size += frame.size();
            failure = null;
        } catch (IOException e) {
            failure = e;
        }
    }

    /**
     * Opens a reader, which stays usable after {@link #close}.
     *
     * @param query which lines
     * @return a reader, for one thread
     * @throws RunLogException if it cannot be opened; its cause is a {@link
     *     java.nio.file.NoSuchFileException} if the file was removed
     */
    public LogReader read(LogQuery query) {
        try {
            FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
            boolean done = false;
            try {
                LogFile frames = new LogFile(path, channel);
                OptionalLong tail = query.tail();
                long from = tail.isPresent() ? frames.tail(tail.getAsLong(), size()) : 0;
                FileLogReader reader = new FileLogReader(this, query, frames, from);
                done = true;
                return reader;
            } finally {
                if (!done) {
                    channel.close();
                }
            }
        } catch (IOException e) {
            throw new RunLogException("the log cannot be opened: " + Reason.of(e), e);
        }
    }

    private long size() {
        lock.lock();
        try {
            return size;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Whether there is a frame at {@code at}; a follower waits for one, or for the end.
     *
     * @throws RunLogException if there is none because the rest could not be stored
     */
    boolean hasBeyond(long at, boolean follow) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (at >= size && follow && !ended) {
                changed.await();
            }
            if (at >= size && failure != null) {
                throw new RunLogException(
                        "the rest of the log, %d bytes, could not be stored: %s"
                                .formatted(dropped, Reason.of(failure)),
                        failure);
            }
            return at < size;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the log and closes its file. */
    @Override
    public void close() throws IOException {
        end();
        file.close();
    }
}
