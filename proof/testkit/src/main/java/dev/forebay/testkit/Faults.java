package dev.forebay.testkit;

import dev.forebay.base.NoSpaceException;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Decides, before a call on a {@link SimulatedDisk} takes effect, whether it fails and how much of
 * it happens. It is asked outside the disk's lock and may block, so that a test can hold a thread
 * inside a sync.
 *
 * <p>A sync that fails here leaves what Linux leaves: the pages count as clean, their bytes stay
 * readable, nothing of them is durable, and the next sync succeeds without writing them.
 */
@FunctionalInterface
public interface Faults {
    /** None. */
    Faults NONE = call -> call.length();

    /**
     * The number of bytes of {@code call} to let happen, {@code call.length()} for all; fewer only
     * counts for writes.
     *
     * @throws IOException to make the call fail without effect
     */
    long allow(DiskCall call) throws IOException;

    /** Fails the {@code n}-th call (from 1) of those that match, once. */
    static Faults failNth(long n, Predicate<DiskCall> matching) {
        AtomicLong seen = new AtomicLong();
        return call -> {
            if (matching.test(call) && seen.incrementAndGet() == n) {
                throw new IOException("injected fault at " + call);
            }
            return call.length();
        };
    }

    /**
     * Has the {@code n}-th call (from 1) of those that match throw an unchecked exception or an
     * error, once: {@code RuntimeException::new}, {@code OutOfMemoryError::new}.
     */
    static Faults throwNth(
            long n, Predicate<DiskCall> matching, Function<String, ? extends Throwable> thrown) {
        AtomicLong seen = new AtomicLong();
        return call -> {
            if (matching.test(call) && seen.incrementAndGet() == n) {
                switch (thrown.apply("injected at " + call)) {
                    case IOException e -> throw e;
                    case RuntimeException e -> throw e;
                    case Error e -> throw e;
                    case Throwable e -> throw new IllegalArgumentException(e);
                }
            }
            return call.length();
        };
    }

    /**
     * Interrupts the calling thread in the {@code n}-th call (from 1) of those that match, once;
     * the call takes effect, as no call of a disk is ended by an interrupt.
     */
    static Faults interruptNth(long n, Predicate<DiskCall> matching) {
        AtomicLong seen = new AtomicLong();
        return call -> {
            if (matching.test(call) && seen.incrementAndGet() == n) {
                Thread.currentThread().interrupt();
            }
            return call.length();
        };
    }

    /** Fails every call that matches. */
    static Faults failAll(Predicate<DiskCall> matching) {
        return call -> {
            if (matching.test(call)) {
                throw new IOException("injected fault at " + call);
            }
            return call.length();
        };
    }

    /** Lets each write take {@code bytes} at most. */
    static Faults shortWrites(long bytes) {
        return call ->
                call.kind() == DiskCall.Kind.WRITE ? Math.min(bytes, call.length()) : call.length();
    }

    /**
     * A disk that takes {@code bytes} more, by writes and allocations, and is full then; names
     * still fit.
     */
    static Faults fullAfter(long bytes) {
        AtomicLong left = new AtomicLong(bytes);
        return call -> {
            if (call.kind() != DiskCall.Kind.WRITE && call.kind() != DiskCall.Kind.ALLOCATE) {
                return call.length();
            }
            long before = left.getAndUpdate(free -> Math.max(0, free - call.length()));
            boolean whole = call.kind() == DiskCall.Kind.ALLOCATE;
            if (call.length() > 0 && (before == 0 || whole && before < call.length())) {
                throw new NoSpaceException(call.path(), null);
            }
            return Math.min(before, call.length());
        };
    }

    /** Both, this one asked first. */
    default Faults and(Faults other) {
        return call -> Math.min(allow(call), other.allow(call));
    }
}
