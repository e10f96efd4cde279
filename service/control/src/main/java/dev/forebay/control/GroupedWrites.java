package dev.forebay.control;

import dev.forebay.control.ControlException.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/**
 * Puts the changes of several callers into one transaction, so that one commit and its sync answer
 * all of them. For a database with one writer.
 *
 * <p><b>Guarantee.</b> A caller gets its answer after the commit. Each change has a savepoint: what
 * one change throws undoes this change alone, and its caller gets it. If the database undoes the
 * whole transaction, or the disk has no room for all of it, each change is made again in a
 * transaction of its own. If the commit fails for another reason, all callers get that fault.
 *
 * <p><b>Limit.</b> A change may be made twice, so it must have no effect beyond its handle.
 *
 * <p>Changes are made on the one thread of a {@link CallQueue}. While it commits, further changes
 * gather. The next call takes up to {@link #MOST} of them; the calls of their callers then find
 * them done. Safe for use by many threads; blocks.
 */
final class GroupedWrites {
    /** How many changes one transaction has at most. */
    static final int MOST = 64;

    private final String name;
    private final CallQueue thread;
    private final Jdbi writer;
    private final Supplier<Optional<IOException>> shortage;
    private final BlockingQueue<Change<?>> waiting = new LinkedBlockingQueue<>();

    /**
     * @param name of the database, for messages
     * @param thread has one thread
     * @param shortage why the disk counts as full, if it does; asked before each transaction
     */
    GroupedWrites(
            String name, CallQueue thread, Jdbi writer, Supplier<Optional<IOException>> shortage) {
        this.name = name;
        this.thread = thread;
        this.writer = writer;
        this.shortage = shortage;
    }

    /** One caller's change. What it returns counts once the transaction is committed. */
    private static final class Change<T> {
        private final Function<Handle, T> work;
        private final Outcome<T> outcome = new Outcome<>();
        private @Nullable T result;
        private @Nullable Throwable thrown;

        Change(Function<Handle, T> work) {
            this.work = work;
        }

        void make(Handle handle) {
            thrown = null;
            result = work.apply(handle);
        }

        void makeInSavepoint(Handle handle) {
            handle.execute("savepoint change");
            try {
                make(handle);
            } catch (Throwable e) {
                thrown = e;
                undo(handle);
            }
            handle.execute("release change");
        }

        private static void undo(Handle handle) {
            try {
                handle.execute("rollback to change");
            } catch (JdbiException e) {
                throw new UndoneException(e);
            }
        }

        void committed() {
            T value = result;
            if (thrown != null) {
                outcome.threw(thrown);
            } else if (value != null) {
                outcome.returned(value);
            }
        }
    }

    /** After one statement failed, the database has undone the whole transaction. */
    private static final class UndoneException extends RuntimeException {
        UndoneException(JdbiException cause) {
            super(cause);
        }
    }

    /**
     * Makes {@code work} in a transaction that other changes may share.
     *
     * @throws ControlException {@link Kind#NO_SPACE} if the disk is full; then nothing of this
     *     change was stored
     */
    <T> T make(Function<Handle, T> work) {
        Change<T> mine = new Change<>(work);
        waiting.add(mine);
        try {
            thread.call(() -> {
                while (!mine.outcome.isSettled()) {
                    makeGroup();
                }
                return true;
            });
        } catch (Throwable e) {
            if (waiting.remove(mine)) {
                throw e;
            } // Else a group has taken it, and settles it.
        }
        if (!mine.outcome.await()) {
            throw new ControlException(
                    Kind.UNAVAILABLE,
                    """
                    the catalogue %s ran out of memory while it stored a change, which may or may \
                    not be stored; look before you try again\
                    """
                            .formatted(name));
        }
        try {
            return mine.outcome.get();
        } catch (JdbiException e) {
            throw SqlFaults.of(name, e);
        }
    }

    private void makeGroup() {
        List<Change<?>> group = new ArrayList<>(MOST);
        waiting.drainTo(group, MOST);
        try {
            commit(group);
        } finally {
            for (int i = 0; i < group.size(); i++) { // An iterator may find no memory.
                group.get(i).outcome.settle();
            }
        }
    }

    private void commit(List<Change<?>> group) {
        try {
            Optional<IOException> full = shortage.get();
            if (full.isPresent()) {
                group.forEach(change -> change.outcome.threw(SqlFaults.noSpace(name, full.get())));
                return;
            }
            if (group.size() == 1) {
                writer.useTransaction(group.getFirst()::make);
            } else {
                writer.useTransaction(
                        handle -> group.forEach(change -> change.makeInSavepoint(handle)));
            }
            group.forEach(Change::committed);
        } catch (Throwable e) {
            if (group.size() > 1 && (e instanceof UndoneException || SqlFaults.isNoSpace(e))) {
                group.forEach(change -> commit(List.of(change)));
            } else {
                group.forEach(change -> change.outcome.threw(e));
            }
        }
    }
}
