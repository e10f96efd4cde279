package dev.forebay.journal;

import dev.forebay.base.Clock;
import java.util.List;

/**
 * Makes payloads into frames and copies them into the active segment. A frame is copied in one
 * piece with zeros behind it, which say that no more follow.
 *
 * <p>Guarded by the journal's lock.
 */
final class Appending {
    private static final int SCRATCH = 1 << 16;
    private static final int LARGEST_KEPT = 1 << 20;

    private final Clock clock;
    private final Layout layout;
    private final Segments segments;
    private final Rolling rolling;
    private final GroupCommit commit;
    private final byte[] zeros = new byte[Layout.FRAME];
    private byte[] scratch = new byte[SCRATCH];

    Appending(Clock clock, Layout layout, Segments segments, Rolling rolling, GroupCommit commit) {
        this.clock = clock;
        this.layout = layout;
        this.segments = segments;
        this.rolling = rolling;
        this.commit = commit;
    }

    /** Appends one frame, into the reserve if need be, and gives its sequence. */
    long append(byte[] payload, int flags, boolean fromReserve) {
        long bytes = Layout.frameBytes(payload.length);
        rolling.makeRoom(bytes, fromReserve);
        byte[] frame = scratch((int) bytes + Layout.FRAME);
        System.arraycopy(payload, 0, frame, Layout.FRAME, payload.length);
        long sequence = encode(frame, 0, payload.length, rolling.active().end, now(), flags);
        store(frame, (int) bytes);
        commit.written(sequence);
        return sequence;
    }

    /** Appends them into one segment and gives the sequence of the last. */
    long append(List<byte[]> payloads, int flags) {
        long room = 0;
        for (byte[] payload : payloads) {
            room += Layout.frameBytes(payload.length);
        }
        rolling.makeRoom(room, false);
        byte[] frames = scratch;
        int filled = 0;
        long now = now(); // Reading the clock costs more than making a frame.
        for (byte[] payload : payloads) {
            int bytes = (int) Layout.frameBytes(payload.length);
            if (filled + bytes + Layout.FRAME > frames.length) {
                store(frames, filled);
                filled = 0;
                frames = scratch(bytes + Layout.FRAME);
            }
            System.arraycopy(payload, 0, frames, filled + Layout.FRAME, payload.length);
            encode(frames, filled, payload.length, rolling.active().end + filled, now, flags);
            filled += bytes;
        }
        store(frames, filled);
        long last = segments.next() - 1;
        commit.written(last);
        return last;
    }

    private long now() {
        return Layout.micros(clock.wall());
    }

    private byte[] scratch(int bytes) {
        if (bytes <= scratch.length) {
            return scratch;
        }
        if (bytes <= LARGEST_KEPT) {
            scratch = new byte[LARGEST_KEPT];
            return scratch;
        }
        return new byte[bytes];
    }

    private long encode(byte[] frame, int at, int length, long offset, long micros, int flags) {
        long sequence = segments.take();
        Segment active = rolling.active();
        active.mark(sequence, offset);
        layout.encodeFrame(
                frame,
                at,
                length,
                active.key,
                offset,
                sequence,
                micros,
                flags,
                sequence - commit.synced());
        return sequence;
    }

    /** Stores whole frames, and zeros behind them if there is room. */
    private void store(byte[] frames, int bytes) {
        if (bytes == 0) {
            return;
        }
        Segment active = rolling.active();
        long at = active.end;
        int end = bytes;
        if (at + bytes + Layout.FRAME <= active.size) {
            System.arraycopy(zeros, 0, frames, bytes, Layout.FRAME);
            end += Layout.FRAME;
        }
        rolling.put(at, frames, end);
        if (at == Layout.HEADER) {
            rolling.begun();
        }
        active.end = at + bytes;
        active.next = segments.next();
    }
}
