package dev.forebay.cli;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.Worker;
import dev.forebay.blob.ContainerException;
import dev.forebay.stream.FailureMark;
import dev.forebay.stream.TransferListener;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Says how a transfer goes: to somebody who watches, a line that is written anew five times a
 * second; to a log, the first retry and every warning. In the end, one line sums it up.
 *
 * <p>Rates are in MB of 10<sup>6</sup> bytes a second; that of the running line is of the last
 * second. Safe for use by many threads.
 */
final class Progress implements TransferListener, AutoCloseable {
    private static final Duration TICK = Duration.ofMillis(200);
    private static final long RECENT_NANOS = Duration.ofSeconds(1).toNanos();

    private record Mark(long nanos, long bytes) {}

    /** Takes the running line, control characters included. */
    private final PrintWriter err;

    /** Takes text that may come from the server. */
    private final PrintWriter messages;

    private final Clock clock;
    private final long begin;
    private final @Nullable Worker ticker;
    private final Deque<Mark> recent = new ArrayDeque<>();
    private OptionalLong total = OptionalLong.empty();
    private long bytes;
    private long retries;
    private boolean over;

    /**
     * Begins to count.
     *
     * @param watched whether {@code err} is a terminal
     */
    Progress(PrintWriter err, boolean watched, Clock clock) {
        this.err = err;
        this.messages = Terminal.printable(err);
        this.clock = clock;
        this.begin = clock.nanos();
        recent.add(new Mark(begin, 0));
        ticker = watched ? Worker.virtual("progress", this::tick, this::tickerFailed) : null;
    }

    /** How much it will be. */
    synchronized void expect(OptionalLong bytes) {
        total = bytes;
    }

    @Override
    public synchronized void moved(long more) {
        bytes += more;
    }

    @Override
    public synchronized void retrying(ContainerException reason) {
        retries++;
        if (retries == 1) {
            warning(reason.getMessage() + "; trying again");
        }
    }

    @Override
    public synchronized void warning(String message) {
        if (ticker != null) {
            err.print(Terminal.WIPE);
        }
        messages.println("Warning: " + message);
    }

    /** What a write that failed told its readers, and what they do now. */
    @Override
    public synchronized void failureMarked(FailureMark mark) {
        switch (mark) {
            case WRITTEN ->
                    warning("the buffer is marked failed, so its readers end with an error");
            case NOT_NEEDED -> {}
            case NOT_WRITTEN ->
                    warning(
                            "the buffer could not be marked failed, so its readers wait without end; delete the buffer to end them");
            case UNKNOWN ->
                    warning(
                            "no answer says whether the buffer is marked failed, so its readers may wait without end; delete the buffer to end them");
        }
    }

    private void tick() {
        try {
            while (true) {
                clock.sleep(TICK);
                show();
            }
        } catch (InterruptedException e) {
            // The transfer is over.
            return;
        }
    }

    private void tickerFailed(Throwable e) {
        warning("how the transfer goes is no longer shown: " + e);
    }

    /** Its thread may wake before the end of the line and get to here after it. */
    private synchronized void show() {
        if (!over) {
            err.print(Terminal.WIPE + line());
            err.flush();
        }
    }

    /** Such as {@code 1.25 GiB 47 % 312.0 MB/s 4.1 s}. */
    synchronized String line() {
        long now = clock.nanos();
        recent.add(new Mark(now, bytes));
        while (recent.size() > 2 && now - recent.getFirst().nanos > RECENT_NANOS) {
            recent.removeFirst();
        }
        Mark first = recent.getFirst();
        StringBuilder line = new StringBuilder(ByteSize.of(bytes).toString());
        if (total.isPresent() && total.getAsLong() > 0) {
            long percent = Math.min(100, Math.floorDiv(100 * bytes, total.getAsLong()));
            line.append(" ").append(percent).append(" %");
        }
        line.append(" ").append(rate(bytes - first.bytes, now - first.nanos));
        return line.append(String.format(Locale.ROOT, " %.1f s", (now - begin) / 1e9)).toString();
    }

    private static String rate(long bytes, long nanos) {
        return String.format(Locale.ROOT, "%.1f MB/s", nanos == 0 ? 0 : bytes * 1e3 / nanos);
    }

    /** Ends the running line, and sums up a transfer that succeeded. */
    synchronized void done(String what, long all) {
        end();
        long nanos = clock.nanos() - begin;
        err.println(
                "%s %s in %s (%s)%s"
                        .formatted(
                                ByteSize.of(all),
                                what,
                                String.format(Locale.ROOT, "%.2f s", nanos / 1e9),
                                rate(all, nanos),
                                retries == 0
                                        ? ""
                                        : ", " + retries + (retries == 1 ? " retry" : " retries")));
    }

    private synchronized void end() {
        if (ticker != null && !over) {
            over = true;
            ticker.interrupt();
            err.print(Terminal.WIPE);
            err.flush();
        }
    }

    /** Ends the running line, if that was not done yet; nothing is said of it any more. */
    @Override
    public void close() {
        end();
        if (ticker != null) {
            ticker.join();
        }
    }
}
