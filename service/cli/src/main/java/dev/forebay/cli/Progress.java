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
 * Says how a transfer goes: on a terminal, by a line that is written anew five times a second;
 * everywhere, the first retry and every warning. In the end, one line sums it up.
 *
 * <p>Sizes and rates are in binary units. The rate of the running line is that of the last second,
 * and the time left is estimated by it. Safe for use by many threads.
 */
final class Progress implements TransferListener, AutoCloseable {
    private static final Duration TICK = Duration.ofMillis(200);
    private static final long RECENT_NANOS = Duration.ofSeconds(1).toNanos();

    private static final int BAR = 20;
    private static final String DONE = "=".repeat(BAR);
    private static final String OPEN = " ".repeat(BAR);

    /** How much is said. */
    enum Shown {
        /** A line that is written anew, and the sum. */
        RUNNING_LINE,
        /** The sum at the end. */
        SUM,
        /** Warnings only, as always. */
        WARNINGS
    }

    private record Mark(long nanos, long bytes) {}

    /** Takes the running line, control characters included. */
    private final PrintWriter err;

    /** Takes text that may come from the server. */
    private final PrintWriter messages;

    private final Shown shown;
    private final Clock clock;
    private final long begin;
    private final @Nullable Worker ticker;
    private final Deque<Mark> recent = new ArrayDeque<>();
    private OptionalLong total = OptionalLong.empty();
    private long bytes;
    private long retries;
    private boolean over;

    /** Begins to count. */
    Progress(PrintWriter err, Shown shown, Clock clock) {
        this.err = err;
        this.shown = shown;
        this.messages = Terminal.printable(err);
        this.clock = clock;
        this.begin = clock.nanos();
        recent.add(new Mark(begin, 0));
        ticker =
                shown == Shown.RUNNING_LINE
                        ? Worker.virtual("progress", this::tick, this::tickerFailed)
                        : null;
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

    /**
     * Such as {@code [=========> ] 47 % 1.25 GiB of 2.66 GiB, 298 MiB/s, 5 s left}, or without a
     * known size {@code 1.25 GiB, 298 MiB/s, 4.1 s}.
     */
    synchronized String line() {
        long now = clock.nanos();
        recent.add(new Mark(now, bytes));
        while (recent.size() > 2 && now - recent.getFirst().nanos > RECENT_NANOS) {
            recent.removeFirst();
        }
        Mark first = recent.getFirst();
        long rate = perSecond(bytes - first.bytes, now - first.nanos);
        String shownRate = rate == 0 ? "" : ", " + ByteSize.of(rate) + "/s";
        long all = total.orElse(0);
        if (all == 0) {
            return ByteSize.of(bytes)
                    + shownRate
                    + String.format(Locale.ROOT, ", %.1f s", (now - begin) / 1e9);
        }
        // What comes behind the size of a file that grows is not counted.
        double share = Math.min(1, (double) bytes / all);
        int full = (int) (share * BAR);
        return "[%s%s] %d %% %s of %s%s%s"
                .formatted(
                        DONE.substring(0, full),
                        OPEN.substring(full),
                        (int) (share * 100),
                        ByteSize.of(bytes),
                        ByteSize.of(all),
                        shownRate,
                        rate == 0 || bytes >= all ? "" : ", " + left((all - bytes) / rate));
    }

    private static long perSecond(long bytes, long nanos) {
        return nanos == 0 ? 0 : (long) (bytes * 1e9 / nanos);
    }

    private static String left(long seconds) {
        Duration time = Duration.ofSeconds(seconds);
        if (seconds < 60) {
            return seconds + " s left";
        }
        return time.toHours() == 0
                ? "%d min %02d s left".formatted(time.toMinutes(), time.toSecondsPart())
                : "%d h %02d min left".formatted(time.toHours(), time.toMinutesPart());
    }

    /** Ends a line of data on the terminal, so that the sum has one of its own. */
    synchronized void endLine() {
        if (shown != Shown.WARNINGS && Terminal.isStandardError()) {
            err.println();
        }
    }

    /** Ends the running line, and sums up a transfer that succeeded. */
    synchronized void done(String what, long all) {
        end();
        if (shown == Shown.WARNINGS) {
            return;
        }
        long nanos = clock.nanos() - begin;
        long rate = perSecond(all, nanos);
        err.println(
                "%s %s in %s%s%s"
                        .formatted(
                                ByteSize.of(all),
                                what,
                                String.format(Locale.ROOT, "%.2f s", nanos / 1e9),
                                rate == 0 ? "" : " (" + ByteSize.of(rate) + "/s)",
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
