package dev.forebay.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Worker;
import dev.forebay.control.ControlException.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.transaction.DelegatingTransactionHandler;
import org.jdbi.v3.core.transaction.LocalTransactionHandler;
import org.jdbi.v3.core.transaction.TransactionException;
import org.jdbi.v3.core.transaction.TransactionHandler;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/** Callers that share a commit share nothing else. */
class GroupedWritesTest {
    private static final Duration LONGEST = Duration.ofSeconds(30);

    @TempDir Path temp;
    private final AtomicInteger commits = new AtomicInteger();
    private volatile @Nullable RuntimeException commitFault;
    private volatile Optional<IOException> shortage = Optional.empty();
    private Jdbi database;
    private CallQueue thread;
    private GroupedWrites writes;

    /** Counts the commits, or fails them. */
    private final class Commits extends DelegatingTransactionHandler {
        Commits(TransactionHandler real) {
            super(real);
        }

        @Override
        public void commit(Handle handle) {
            commits.incrementAndGet();
            RuntimeException fault = commitFault;
            if (fault != null) {
                throw fault;
            }
            super.commit(handle);
        }

        @Override
        public TransactionHandler specialize(Handle handle) {
            return this;
        }
    }

    @BeforeEach
    void open() throws IOException {
        NativeLibrary.locate(temp);
        SQLiteConfig config = new SQLiteConfig();
        config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
        SQLiteDataSource source = new SQLiteDataSource(config);
        source.setUrl(Database.sqliteUrl(temp.resolve("test.db")));
        database = Jdbi.create(source);
        database.setTransactionHandler(new Commits(LocalTransactionHandler.binding()));
        database.useHandle(handle ->
                handle.execute("create table numbers (n integer primary key, filling text)"));
        thread = new CallQueue("writer", 1, Worker::platform, () -> {});
        writes = new GroupedWrites("test.db", thread, database, () -> shortage);
    }

    @AfterEach
    void close() {
        thread.close();
    }

    private static Function<Handle, Integer> insert(int n) {
        return handle -> {
            handle.execute("insert into numbers (n) values (?)", n);
            return n;
        };
    }

    private List<Integer> stored() {
        return database.withHandle(handle ->
                handle.createQuery("select n from numbers order by n").mapTo(Integer.class).list());
    }

    /** Has all of {@code changes} wait for the thread, then lets it go on; what came of each. */
    private List<FutureTask<Integer>> together(List<Function<Handle, Integer>> changes)
            throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        FutureTask<Boolean> before =
                started(() -> thread.call(() -> goOn.await(LONGEST.toSeconds(), TimeUnit.SECONDS)));
        List<FutureTask<Integer>> made = new ArrayList<>();
        try {
            for (Function<Handle, Integer> change : changes) {
                made.add(started(() -> writes.make(change)));
            }
        } finally {
            goOn.countDown();
        }
        assertThat(before.get()).isTrue();
        return made;
    }

    /** Starts a call, and returns once its thread waits. */
    private static <T> FutureTask<T> started(Callable<T> call) {
        FutureTask<T> task = new FutureTask<>(call);
        Thread caller = Thread.ofPlatform().daemon().start(task);
        long end = System.nanoTime() + LONGEST.toNanos();
        while (caller.getState() != Thread.State.WAITING) {
            assertThat(System.nanoTime() - end).as("%s waits", caller).isNegative();
            Thread.onSpinWait();
        }
        return task;
    }

    private static List<Function<Handle, Integer>> inserts(int from, int to) {
        List<Function<Handle, Integer>> inserts = new ArrayList<>();
        for (int n = from; n < to; n++) {
            inserts.add(insert(n));
        }
        return inserts;
    }

    @Test
    void oneCommitAnswersEveryChangeThatWaitedForIt() throws Exception {
        List<FutureTask<Integer>> made = together(inserts(0, 20));
        for (int n = 0; n < made.size(); n++) {
            assertThat(made.get(n).get()).isEqualTo(n);
        }
        assertThat(commits).hasValue(1);
        assertThat(stored()).hasSize(20);
    }

    @Test
    void moreChangesThanOneTransactionHoldsAreAllMade() throws Exception {
        int count = GroupedWrites.MOST + 10;
        for (FutureTask<Integer> each : together(inserts(0, count))) {
            each.get();
        }
        assertThat(commits).hasValue(2);
        assertThat(stored()).hasSize(count);
    }

    @Test
    void aChangeThatFailsIsUndoneAndFailsNoOther() throws Exception {
        insertAlone(1000);
        List<Throwable> faults = List.of(new IllegalStateException("a"), new OutOfMemoryError("b"));
        List<Function<Handle, Integer>> changes = inserts(0, 5);
        for (Throwable fault : faults) {
            changes.add(handle -> {
                handle.execute("insert into numbers (n) values (?)", 500 + faults.indexOf(fault));
                if (fault instanceof Error e) {
                    throw e;
                }
                throw (RuntimeException) fault;
            });
        }
        changes.add(insert(1000));
        changes.addAll(inserts(5, 10));
        List<FutureTask<Integer>> made = together(changes);
        for (int n = 0; n < 5; n++) {
            assertThat(made.get(n).get()).isEqualTo(n);
            assertThat(made.get(n + 8).get()).isEqualTo(n + 5);
        }
        assertThatThrownBy(made.get(5)::get).cause().isSameAs(faults.get(0));
        assertThatThrownBy(made.get(6)::get).cause().isSameAs(faults.get(1));
        assertThatThrownBy(made.get(7)::get)
                .cause()
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("the catalogue test.db failed");
        assertThat(stored()).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1000);
        assertThat(commits).hasValue(2);
    }

    private void insertAlone(int n) {
        assertThat(writes.make(insert(n))).isEqualTo(n);
    }

    @Test
    void aCommitThatFailsAnswersNoCallerWithSuccess() throws Exception {
        commitFault = new TransactionException(new SQLException("the device failed, for the test"));
        for (FutureTask<Integer> each : together(inserts(0, 5))) {
            assertThatThrownBy(each::get)
                    .cause()
                    .isInstanceOfSatisfying(
                            ControlException.class,
                            e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE))
                    .hasMessageContaining("the device failed");
        }
        assertThat(commits).as("nothing is tried again").hasValue(1);
        commitFault = null;
        assertThat(stored()).isEmpty();
        insertAlone(7);
        assertThat(stored()).containsExactly(7);
    }

    @Test
    void changesOfATransactionThatTheDatabaseUndidAreMadeOneByOne() throws Exception {
        List<Function<Handle, Integer>> changes = inserts(0, 3);
        changes.add(handle -> {
            handle.execute("rollback"); // As SQLite does by itself after some faults.
            throw new IllegalStateException("undone");
        });
        changes.addAll(inserts(3, 6));
        List<FutureTask<Integer>> made = together(changes);
        assertThatThrownBy(made.remove(3)::get).cause().hasMessage("undone");
        for (int n = 0; n < made.size(); n++) {
            assertThat(made.get(n).get()).isEqualTo(n);
        }
        assertThat(stored()).containsExactly(0, 1, 2, 3, 4, 5);
    }

    @Test
    void onAFullDiskTheChangesThatFitAreMade() throws Exception {
        insertAlone(0);
        List<Function<Handle, Integer>> changes = inserts(1, 4);
        changes.add(handle -> {
            handle.createQuery("pragma max_page_count = 5").mapTo(Integer.class).one();
            handle.execute("insert into numbers (n, filling) values (100, ?)", "f".repeat(100_000));
            return 100;
        });
        changes.addAll(inserts(4, 7));
        List<FutureTask<Integer>> made = together(changes);
        assertThatThrownBy(made.remove(3)::get)
                .cause()
                .isInstanceOfSatisfying(
                        ControlException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NO_SPACE));
        for (FutureTask<Integer> each : made) {
            each.get();
        }
        assertThat(stored()).containsExactly(0, 1, 2, 3, 4, 5, 6);
    }

    @Test
    void whileTheDiskCountsAsFullNoChangeIsMade() throws Exception {
        shortage = Optional.of(new IOException("no room, for the test"));
        for (FutureTask<Integer> each : together(inserts(0, 3))) {
            assertThatThrownBy(each::get)
                    .cause()
                    .isInstanceOfSatisfying(
                            ControlException.class,
                            e -> assertThat(e.kind()).isEqualTo(Kind.NO_SPACE))
                    .hasRootCauseMessage("no room, for the test");
        }
        assertThat(stored()).isEmpty();
    }

    @Test
    void aRefusedChangeIsNotMadeLater() throws Exception {
        thread.close();
        assertThatThrownBy(() -> writes.make(insert(1)))
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("was closed");
        assertThat(stored()).isEmpty();
    }

    @Test
    void aThreadThatEndsLeavesNoCallerWaiting() throws Exception {
        CountDownLatch die = new CountDownLatch(1);
        CallQueue dying =
                new CallQueue(
                        "writer",
                        1,
                        (name, task, owner) ->
                                Worker.platform(
                                        name,
                                        () -> {
                                            die.await();
                                            throw new OutOfMemoryError("for the test");
                                        },
                                        owner),
                        () -> {});
        GroupedWrites orphaned = new GroupedWrites("test.db", dying, database, () -> shortage);
        FutureTask<Integer> waiting = started(() -> orphaned.make(insert(1)));
        die.countDown();
        assertThatThrownBy(() -> waiting.get(LONGEST.toSeconds(), TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("restart the server");
        assertThat(stored()).isEmpty();
    }
}
