package dev.forebay.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.blob.DirectoryContainers;
import dev.forebay.control.ControlException.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.StatementContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Plans, interrupts and lost connections on a real PostgreSQL. */
class PostgresCatalogueTest {
    private static final long GUARD_SECONDS = 60;

    @RegisterExtension static final Postgres POSTGRES = new Postgres();

    @TempDir Path temp;
    private final BufferTable table = new BufferTable(" for update of b");
    private DirectoryContainers containers;
    private Database database;
    private Buffers buffers;

    @BeforeEach
    void open() throws IOException {
        containers =
                DirectoryContainers.open(Disk.system(), Clock.system(), temp.resolve("containers"));
        database = POSTGRES.open();
        buffers =
                new Buffers(
                        database,
                        containers,
                        AccessSigner.ephemeral(),
                        Clock.system(),
                        Lifetimes.DEFAULT);
    }

    @AfterEach
    void close() {
        Thread.interrupted();
        database.close();
        containers.close();
    }

    /** Buffers a second apart with three tags each; every tenth has expired. */
    private static void fill() throws SQLException {
        POSTGRES.execute(
                """
                insert into buffers (id, created_at, expires_at, soft_deleted)
                select lpad(n::text, 26, 'a'), n::bigint * 1000000,
                    case when n % 10 = 0 then n end, 0
                from generate_series(1, 5000) n\
                """);
        for (int tag = 1; tag <= 3; tag++) {
            POSTGRES.execute(
                    """
                    insert into buffer_tags (tag_key, tag_value, soft_deleted, created_at, owner_id)
                    select '%1$s', (n %% %2$d)::text, 0, n::bigint * 1000000, lpad(n::text, 26, 'a')
                    from generate_series(1, 5000) n\
                    """
                            .formatted("k" + tag, 3 + tag));
        }
        POSTGRES.execute("analyze");
    }

    /** The plan of the last statement that {@code work} makes, a line for each step. */
    private List<String> plan(Consumer<Handle> work) {
        List<String> made = new ArrayList<>();
        return database.read(handle -> {
            handle.getConfig(SqlStatements.class)
                    .setSqlLogger(
                            new SqlLogger() {
                                @Override
                                public void logBeforeExecution(StatementContext context) {
                                    made.add(context.getParsedSql().getSql());
                                }
                            });
            work.accept(handle);
            String last = made.getLast().replace("?", "'1'");
            handle.execute("set enable_seqscan = off");
            try {
                return handle.createQuery("explain (costs off) <sql>")
                        .define("sql", last)
                        .mapTo(String.class)
                        .map(String::strip)
                        .list();
            } finally {
                handle.execute("reset enable_seqscan");
            }
        });
    }

    private List<String> pagePlan(Map<String, String> tags, Map<String, String> excluded) {
        List<String> plan =
                plan(handle ->
                        table.list(
                                handle, new TagFilter(tags, excluded), false, Cursor.START, 100));
        assertThat(plan).as("%s", plan).noneMatch(step -> step.contains("Seq Scan"));
        return plan;
    }

    @Test
    void aPageWithoutTagsIsReadFromTheIndexByAge() throws SQLException {
        fill();
        assertThat(pagePlan(Map.of(), Map.of()))
                .anyMatch(step ->
                        step.matches(
                                ".*Index Only Scan Backward using buffers_by_age on buffers x"));
    }

    @Test
    void aPageByTagsIsReadFromTheListOfOneTagInItsOrder() throws SQLException {
        fill();
        Map<String, String> tags = Map.of("k1", "1", "k2", "1", "k3", "1");
        for (int count = 1; count <= 3; count++) {
            Map<String, String> some = new java.util.TreeMap<>(tags);
            some.keySet().retainAll(List.of("k1", "k2", "k3").subList(0, count));
            List<String> plan = pagePlan(some, Map.of("k4", "1"));
            assertThat(plan)
                    .as("%d tags: %s", count, plan)
                    .anyMatch(step ->
                            step.matches(
                                    ".*Index (Only )?Scan Backward using buffer_tags_\\w*pkey on buffer_tags x"));
            assertThat(plan)
                    .filteredOn(step -> step.contains(" on buffer_tags u"))
                    .as("%d tags: %s", count, plan)
                    .hasSize(count)
                    .allMatch(step -> step.contains("Index "));
        }
    }

    @Test
    void whatHasExpiredIsReadFromTheIndexByExpiryInItsOrder() throws SQLException {
        fill();
        List<String> plan = plan(handle -> table.expired(handle, false, Instant.EPOCH, 100));
        assertThat(plan)
                .as("%s", plan)
                .anyMatch(step -> step.contains("Index Scan using buffers_by_expiry on buffers b"))
                .noneMatch(step -> step.contains("Sort") || step.contains("Seq Scan"));
    }

    /** The server's processes that serve the catalogue. */
    private static List<Integer> connections() throws SQLException {
        List<Integer> found = new ArrayList<>();
        try (Connection connection = POSTGRES.connect();
                Statement statement = connection.createStatement();
                var rows =
                        statement.executeQuery(
                                """
                                select pid from pg_stat_activity
                                where backend_type = 'client backend' and pid <> pg_backend_pid()
                                order by pid\
                                """)) {
            while (rows.next()) {
                found.add(rows.getInt(1));
            }
        }
        return found;
    }

    @Test
    void interruptedCallersKeepTheirResultsAndThePoolItsConnections() throws Exception {
        buffers.create(Map.of(), Optional.empty());
        List<Integer> before = connections();
        Thread.currentThread().interrupt();
        String id = buffers.create(Map.of("a", "1"), Optional.empty()).id();
        assertThat(buffers.get(id, false).tags()).containsEntry("a", "1");
        assertThat(Thread.interrupted()).isTrue();
        assertThat(connections()).containsAll(before);
    }

    @Test
    void aCallerThatIsInterruptedWhileItsRowIsLockedGetsItsResultOnceItIsFree() throws Exception {
        String id = buffers.create(Map.of(), Optional.empty()).id();
        AtomicBoolean status = new AtomicBoolean();
        FutureTask<Buffer> update =
                new FutureTask<>(() -> {
                    Buffer changed =
                            buffers.update(
                                    id,
                                    false,
                                    Optional.empty(),
                                    Map.of("a", "1"),
                                    Optional.empty());
                    status.set(Thread.interrupted());
                    return changed;
                });
        try (Connection holder = POSTGRES.connect();
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("select id from buffers where id = '" + id + "' for update");
            Thread caller = Thread.ofPlatform().daemon().start(update);
            awaitWaitForLock();
            caller.interrupt();
            assertThat(update.isDone()).isFalse();
            holder.commit();
        }
        assertThat(update.get(GUARD_SECONDS, TimeUnit.SECONDS).tags()).containsEntry("a", "1");
        assertThat(status).isTrue();
        assertThat(buffers.get(id, false).tags()).containsEntry("a", "1");
    }

    private static void awaitWaitForLock() throws SQLException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(GUARD_SECONDS);
        try (Connection connection = POSTGRES.connect();
                Statement statement = connection.createStatement()) {
            while (true) {
                try (var rows =
                        statement.executeQuery(
                                "select count(*) from pg_stat_activity where wait_event_type = 'Lock'")) {
                    rows.next();
                    if (rows.getInt(1) > 0) {
                        return;
                    }
                }
                assertThat(System.nanoTime() - end).as("the update waits").isNegative();
            }
        }
    }

    @Test
    void lostConnectionsAreUnavailableAndThenReplaced() throws SQLException {
        String id = buffers.create(Map.of(), Optional.empty()).id();
        POSTGRES.execute(
                """
                select pg_terminate_backend(pid) from pg_stat_activity
                where backend_type = 'client backend' and pid <> pg_backend_pid()\
                """);
        // Each connection of the pool fails one call at most.
        int failed = 0;
        while (failed < 100 && !isFound(id)) {
            failed++;
        }
        assertThat(failed).isLessThanOrEqualTo(8);
        for (int i = 0; i < 20; i++) {
            buffers.create(Map.of(), Optional.empty());
        }
        assertThat(buffers.count(BufferFilter.all(false))).isEqualTo(21);
    }

    private boolean isFound(String id) {
        try {
            return buffers.get(id, false).id().equals(id);
        } catch (ControlException e) {
            assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE);
            assertThat(e.mayRetry()).isTrue();
            return false;
        }
    }

    @Test
    void aCallAfterTheDatabaseWasClosedIsRefused() {
        database.close();
        assertThatThrownBy(() -> buffers.count(BufferFilter.all(false)))
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("was closed");
    }
}
