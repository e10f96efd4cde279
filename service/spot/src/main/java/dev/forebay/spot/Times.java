package dev.forebay.spot;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import dev.forebay.datalog.TimeRange;
import java.time.Instant;
import java.util.OptionalLong;

/** Times of the wire as nanoseconds since 1970 UTC, and back. */
final class Times {
    private static final long SECOND = 1_000_000_000L;

    private Times() {}

    static Timestamp of(Instant time) {
        return Timestamp.newBuilder()
                .setSeconds(time.getEpochSecond())
                .setNanos(time.getNano())
                .build();
    }

    static Timestamp of(long nanos) {
        return Timestamp.newBuilder()
                .setSeconds(Math.floorDiv(nanos, SECOND))
                .setNanos((int) Math.floorMod(nanos, SECOND))
                .build();
    }

    static Duration duration(long nanos) {
        return Duration.newBuilder()
                .setSeconds(nanos / SECOND)
                .setNanos((int) (nanos % SECOND))
                .build();
    }

    /**
     * @throws ArithmeticException if the time is outside 1677 to 2262
     */
    static long nanos(Timestamp time) {
        return Math.addExact(Math.multiplyExact(time.getSeconds(), SECOND), time.getNanos());
    }

    /** The time; empty if it is outside 1677 to 2262. */
    static OptionalLong known(Timestamp time) {
        try {
            return OptionalLong.of(nanos(time));
        } catch (ArithmeticException e) {
            return OptionalLong.empty();
        }
    }

    /** A range of the wire, either end of which may be missing. */
    static TimeRange range(dev.forebay.spot.proto.TimeRange range) {
        return range(
                range.hasStart() ? nanosOf("the start", range.getStart()) : Long.MIN_VALUE,
                range.hasEnd() ? nanosOf("the end", range.getEnd()) : Long.MAX_VALUE);
    }

    static TimeRange range(long from, long to) {
        if (from > to) {
            throw new InvalidRequestException(
                    "the range ends at %d ns and begins later, at %d ns; exchange the two"
                            .formatted(to, from));
        }
        return new TimeRange(from, to);
    }

    /** The time, of a request as a whole. */
    static long nanosOf(String what, Timestamp time) {
        try {
            return nanos(time);
        } catch (ArithmeticException e) {
            throw new InvalidRequestException(
                    "%s is %d s; expected a time between the years 1677 and 2262"
                            .formatted(what, time.getSeconds()));
        }
    }

    static dev.forebay.spot.proto.TimeRange range(TimeRange range) {
        dev.forebay.spot.proto.TimeRange.Builder wire =
                dev.forebay.spot.proto.TimeRange.newBuilder();
        if (range.from() != Long.MIN_VALUE) {
            wire.setStart(of(range.from()));
        }
        if (range.to() != Long.MAX_VALUE) {
            wire.setEnd(of(range.to()));
        }
        return wire.build();
    }
}
