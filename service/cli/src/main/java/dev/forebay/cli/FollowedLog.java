package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.forebay.base.Clock;
import dev.forebay.base.Reason;
import dev.forebay.client.RemoteRuns;
import dev.forebay.client.RunLogQuery;
import dev.forebay.wire.Times;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The log of a run, followed to its end while its server may restart.
 *
 * <p><b>Guarantee.</b> No line is lost and none comes twice, wherever a connection broke: the next
 * one asks for what comes after the last line, whose time no other line has. The server sends the
 * times in any case; they are passed on if they are wanted.
 *
 * <p><b>Limit.</b> As far as the server still has the lines with their times. If the connection
 * broke before the first line, the last lines are counted anew.
 *
 * <p>For one thread; blocks.
 */
final class FollowedLog {
    private static final int PIECE = 8 << 10;
    private static final int LONGEST_TIME = 64;

    /** A connection that lasted as long counts as an answer, though no line came. */
    private static final Duration LASTING = Duration.ofSeconds(10);

    private final RemoteRuns runs;
    private final long id;
    private final RunLogQuery asked;
    private final ServerRestart restart;
    private final OutputStream out;
    private final Clock clock = Clock.system();

    /** The time of the last line that was begun; null before the first. */
    private @Nullable Instant last;

    /** Bytes of that line that were passed on; -1 once it is whole. */
    private long passed = -1;

    private boolean resumed;

    /**
     * Follows the log of the run {@code id}.
     *
     * @param asked which lines, and whether their times are wanted
     * @param out takes the lines; what it throws is thrown as it is
     */
    FollowedLog(
            RemoteRuns runs, long id, RunLogQuery asked, ServerRestart restart, OutputStream out) {
        this.runs = runs;
        this.id = id;
        this.asked = asked;
        this.restart = restart;
        this.out = out;
    }

    /** Passes on all lines. */
    void copy() throws IOException, InterruptedException {
        restart.rideOver(() -> {
            new Connection().copy();
            return id;
        });
    }

    /** Whether a connection broke meanwhile. */
    boolean wasResumed() {
        return resumed;
    }

    private RunLogQuery query() {
        if (last == null) {
            return new RunLogQuery(true, true, asked.tail(), asked.since());
        }
        return new RunLogQuery(true, true, null, passed < 0 ? last : last.minusNanos(1));
    }

    /** One connection, which goes on where the last one broke. */
    private final class Connection {
        private final long opened = clock.nanos();
        private final ByteArrayOutputStream time = new ByteArrayOutputStream();
        private boolean inTime = true;

        /** Bytes of this line that an earlier connection passed on. */
        private long known;

        void copy() throws IOException {
            byte[] piece = new byte[PIECE];
            try (InputStream log = runs.logs(id, query())) {
                for (int count = read(log, piece); count >= 0; count = read(log, piece)) {
                    for (int at = 0; at < count; ) {
                        at = inTime ? takeTime(piece, at, count) : takeText(piece, at, count);
                    }
                    out.flush();
                }
            }
        }

        private int read(InputStream log, byte[] piece) throws IOException {
            try {
                return log.read(piece);
            } catch (IOException e) {
                resumed = true;
                if (clock.nanos() - opened > LASTING.toNanos()) {
                    restart.answered();
                }
                throw new ServerRestart.BrokenOffException(
                        "the server broke the log of run %d off (%s)".formatted(id, Reason.of(e)),
                        e);
            }
        }

        private static int indexOf(char wanted, byte[] piece, int from, int count) {
            int at = from;
            while (at < count && piece[at] != wanted) {
                at++;
            }
            return at;
        }

        private int takeTime(byte[] piece, int from, int count) throws IOException {
            int end = Math.min(indexOf(' ', piece, from, count), indexOf('\n', piece, from, count));
            time.write(piece, from, end - from);
            if (end == count && time.size() <= LONGEST_TIME) {
                return end;
            }
            begin(time.toString(US_ASCII));
            time.reset();
            inTime = false;
            return end + 1;
        }

        private void begin(String text) throws IOException {
            Instant at;
            try {
                at = Times.parse(text);
            } catch (IllegalArgumentException e) {
                throw new IOException(
                        "expected a time before each line of the log of run %d, found none: %s; is it a Forebay server?"
                                .formatted(id, Reason.of(e)),
                        e);
            }
            boolean begun = passed >= 0;
            known = begun && at.equals(last) ? passed : 0;
            if (begun && at.equals(last)) {
                return;
            }
            if (begun) {
                out.write('\n'); // The rest of that line is gone.
            }
            last = at;
            passed = 0;
            if (asked.timestamps()) {
                out.write((text + " ").getBytes(US_ASCII));
            }
        }

        private int takeText(byte[] piece, int from, int count) throws IOException {
            int end = indexOf('\n', piece, from, count);
            boolean whole = end < count;
            int next = whole ? end + 1 : end;
            int old = Math.toIntExact(Math.min(known, end - from));
            known -= old;
            out.write(piece, from + old, next - from - old);
            passed = whole ? -1 : passed + end - from - old;
            inTime = whole;
            restart.answered();
            return next;
        }
    }
}
