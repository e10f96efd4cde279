package dev.forebay.record;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Tells the listeners what happened: events are noted with the buffer's lock held, and told when it
 * is free. Whatever a listener throws, errors too, is counted and changes nothing else.
 */
final class Announcer {
    private final List<RecordListener> listeners;
    private final ReentrantLock lock;

    /** Whether anybody listens. */
    final boolean telling;

    private List<Consumer<RecordListener>> events = new ArrayList<>();
    private long failures;

    Announcer(List<RecordListener> listeners, ReentrantLock lock) {
        this.listeners = List.copyOf(listeners);
        this.lock = lock;
        telling = !listeners.isEmpty();
    }

    /** Notes an event; the lock is held. */
    void event(Consumer<RecordListener> event) {
        if (telling) {
            events.add(event);
        }
    }

    /** Tells what was noted; the lock is free. */
    void tell() {
        if (!telling) {
            return;
        }
        List<Consumer<RecordListener>> now;
        lock.lock();
        try {
            now = events;
            events = new ArrayList<>();
        } finally {
            lock.unlock();
        }
        now.forEach(this::tell);
    }

    /** Tells one event at once; the lock is free. */
    void tell(Consumer<RecordListener> event) {
        for (RecordListener listener : listeners) {
            try {
                event.accept(listener);
            } catch (
                    Throwable
                            e) { // It must cost no batch: one that is taken would be out for ever.
                lock.lock();
                try {
                    failures++;
                } finally {
                    lock.unlock();
                }
            }
        }
    }

    /** How often a listener threw; the lock is held. */
    long failures() {
        return failures;
    }
}
