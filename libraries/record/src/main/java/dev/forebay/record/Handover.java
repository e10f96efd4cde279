package dev.forebay.record;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Hands batches out one at a time, and takes the consumer's word on each: committed, failed,
 * divided or given up. Takes the buffer's lock itself, and is called with it free.
 */
final class Handover<T> {
    private final Interior<T> in;
    private final Releaser<T> releaser;
    private final @Nullable ReleaseTimer<T> timer;

    Handover(Interior<T> in, Releaser<T> releaser, @Nullable ReleaseTimer<T> timer) {
        this.in = in;
        this.releaser = releaser;
        this.timer = timer;
    }

    Optional<Batch<T>> take(Duration deadline) throws InterruptedException {
        Batch<T> batch;
        in.lock.lockInterruptibly();
        try {
            releaser.retry();
            if (!in.outgoing.available()) {
                awaitBatch(deadline);
            }
            if (in.closed || !in.outgoing.available()) {
                return Optional.empty();
            }
            batch = in.outgoing.take();
        } finally {
            in.lock.unlock();
            in.announcer.tell();
        }
        Notebook<T> notes = in.notebook;
        return Optional.of(notes == null ? batch : prepare(batch, notes));
    }

    private void awaitBatch(Duration deadline) throws InterruptedException {
        long end = in.clock.deadline(deadline);
        if (timer != null) {
            timer.releaseIfDue();
            in.throwTrouble();
        }
        while (!in.outgoing.available() && !in.closed && end - in.clock.nanos() > 0) {
            if (timer == null) {
                in.clock.await(in.lock, in.moved, end);
            } else {
                timer.awaitBatch(end);
            }
            in.throwTrouble();
        }
    }

    /** A batch leaves only when nothing can take its id back, and with its records in memory. */
    private Batch<T> prepare(Batch<T> batch, Notebook<T> notes) {
        try {
            notes.sync(batch.noted());
            return batch.spilled() ? load(batch, notes) : batch;
        } catch (RuntimeException e) {
            in.lock.lock();
            try {
                in.outgoing.comeBack(List.of(batch));
                in.moved.signalAll();
            } finally {
                in.lock.unlock();
            }
            throw e;
        }
    }

    private Batch<T> load(Batch<T> batch, Notebook<T> notes) {
        long from;
        in.lock.lock();
        try {
            from = notes.from(batch);
        } finally {
            in.lock.unlock();
        }
        Batch<T> whole = batch.with(notes.read(batch, from));
        in.lock.lock();
        try {
            in.outgoing.loaded(whole);
        } finally {
            in.lock.unlock();
        }
        return whole;
    }

    void commit(Batch<T> batch) {
        Notebook.Due due;
        in.lock.lock();
        try {
            Batch<T> mine = in.outgoing.mine(batch);
            if (in.notebook != null) {
                in.notebook.commit(mine);
            }
            in.books.committed(mine.size());
            in.outgoing.leave();
            if (in.announcer.telling) {
                in.announcer.event(listener -> listener.committed(in.facts(mine)));
            }
            in.freed();
            due = in.due();
        } finally {
            in.lock.unlock();
            in.announcer.tell();
        }
        in.settle(due);
    }

    void fail(Batch<T> batch, String reason) {
        in.lock.lock();
        try {
            Batch<T> mine = in.outgoing.mine(batch);
            if (in.notebook != null) {
                in.notebook.failed(mine);
            }
            Batch<T> again = mine.again();
            in.outgoing.comeBack(List.of(again));
            in.moved.signalAll();
            in.announcer.event(listener -> listener.failed(in.facts(again), reason));
        } finally {
            in.lock.unlock();
            in.announcer.tell();
        }
    }

    /** Divides the taken batch into halves with ids of their own; the next two handed out. */
    void split(Batch<T> batch) {
        in.lock.lock();
        try {
            Batch<T> mine = in.outgoing.mine(batch);
            int half = mine.size() / 2;
            if (half == 0) {
                throw new IllegalArgumentException("a batch of one record cannot be divided");
            }
            long a = in.books.nextBatch();
            long b = in.books.nextBatch();
            long second = mine.first() + half;
            Notebook<T> notes = in.notebook;
            long noted = notes == null ? 0 : notes.split(mine, second, a, b);
            in.outgoing.comeBack(
                    List.of(
                            part(mine, a, 0, half, noted),
                            part(mine, b, half, mine.size(), noted)));
            in.moved.signalAll();
        } finally {
            in.lock.unlock();
        }
    }

    private Batch<T> part(Batch<T> whole, long id, int from, int to, long noted) {
        List<T> records = new ArrayList<>(whole.records().subList(from, to));
        long bytes = 0;
        for (T record : records) {
            bytes += in.size(record);
        }
        return new Batch<>(
                id,
                whole.first() + from,
                records.size(),
                records,
                whole.cause(),
                whole.redeliveries(),
                bytes,
                noted,
                whole.since());
    }

    void deadLetter(Batch<T> batch, String reason) {
        Notebook.Due due;
        in.lock.lock();
        try {
            Batch<T> mine = in.outgoing.mine(batch);
            in.dead.checkRoom(mine);
            long position = in.notebook == null ? 0 : in.notebook.dead(mine, reason);
            DeadLetter<T> letter =
                    new DeadLetter<>(mine.id(), mine.first(), reason, mine.records());
            in.dead.put(new DeadLetters.Entry<>(letter, mine.bytes(), position));
            long count = mine.size();
            in.books.dropped(DropReason.DEAD_LETTER, count);
            in.announcer.event(listener -> listener.dropped(DropReason.DEAD_LETTER, count));
            in.outgoing.leave();
            in.freed();
            due = in.due();
        } finally {
            in.lock.unlock();
            in.announcer.tell();
        }
        in.settle(due);
    }

    List<DeadLetter<T>> deadLetters() {
        in.lock.lock();
        try {
            return in.dead.list();
        } finally {
            in.lock.unlock();
        }
    }
}
