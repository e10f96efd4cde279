package dev.forebay.record;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Tells the listeners what happened. Events are noted with the buffer's lock held, so that they
 * stand in their order, and told when it is free. What a listener throws, an error too, is counted
 * and changes nothing else.
 *
 * <p>Safe for use by many threads; its own lock is held for a few instructions.
 */
final class Announcer {
    /** Whether anything listens. */
    final boolean telling;

    private final List<RecordListener> listeners;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private List<Consumer<RecordListener>> events = new ArrayList<>();

    @GuardedBy("lock")
    private long failures;

    Announcer(List<RecordListener> listeners) {
        this.listeners = List.copyOf(listeners);
        telling = !listeners.isEmpty();
    }

    /** Notes an event for the next {@link #tell()}. */
    void event(Consumer<RecordListener> event) {
        if (!telling) {
            return;
        }
        lock.lock();
        try {
            events.add(event);
        } finally {
            lock.unlock();
        }
    }

    /** Tells what was noted. The buffer's lock is free. */
    void tell() {
        if (telling) {
            taken().forEach(this::tell);
        }
    }

    private List<Consumer<RecordListener>> taken() {
        lock.lock();
        try {
            List<Consumer<RecordListener>> now = events;
            events = new ArrayList<>();
            return now;
        } finally {
            lock.unlock();
        }
    }

    /** Tells one event at once. The buffer's lock is free. */
    void tell(Consumer<RecordListener> event) {
        for (RecordListener listener : listeners) {
            try {
                event.accept(listener);
            } catch (Throwable e) { // It must cost no batch: one that is taken would stay out.
                failed();
            }
        }
    }

    private void failed() {
        lock.lock();
        try {
            failures++;
        } finally {
            lock.unlock();
        }
    }

    /** How many calls of a listener threw. */
    long failures() {
        lock.lock();
        try {
            return failures;
        } finally {
            lock.unlock();
        }
    }
}
