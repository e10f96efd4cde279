package dev.forebay.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.blob.DirectoryContainers;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.StatementContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How many statements a call takes, and that each one is answered from an index in its order. The
 * catalogue is small; the plans of SQLite do not depend on that.
 */
class QueryPlanTest {
    private static final TagFilter THREE =
            new TagFilter(Map.of("a", "1", "b", "1", "c", "1"), Map.of("d", "1"));

    @TempDir Path temp;
    private final BufferTable table = new BufferTable("");
    private Database database;

    @BeforeEach
    void fill() throws IOException {
        database = Database.sqlite(temp.resolve("catalog.db"));
        try (DirectoryContainers containers =
                DirectoryContainers.open(
                        Disk.system(), Clock.system(), temp.resolve("containers"))) {
            Buffers buffers =
                    new Buffers(
                            database,
                            containers,
                            AccessSigner.ephemeral(),
                            Clock.system(),
                            Lifetimes.DEFAULT);
            for (int i = 0; i < 20; i++) {
                buffers.create(Map.of("a", "1", "b", "1", "c", "1"), Optional.empty());
            }
        }
    }

    @AfterEach
    void close() {
        database.close();
    }

    /** The statements that {@code work} makes. */
    private List<String> statements(Consumer<Handle> work) {
        List<String> made = new ArrayList<>();
        SqlLogger log =
                new SqlLogger() {
                    @Override
                    public void logBeforeExecution(StatementContext context) {
                        made.add(context.getParsedSql().getSql());
                    }
                };
        database.read(handle -> {
            handle.getConfig(SqlStatements.class).setSqlLogger(log);
            work.accept(handle);
            return 0;
        });
        return made;
    }

    /** A line for each step of a plan. */
    private List<String> plan(String sql) {
        return database.read(handle -> {
            List<String> steps = new ArrayList<>();
            Connection connection = handle.getConnection();
            try (Statement statement = connection.createStatement();
                    ResultSet found =
                            statement.executeQuery("explain query plan " + sql.replace("?", "1"))) {
                while (found.next()) {
                    steps.add(found.getString("detail"));
                }
                return steps;
            } catch (SQLException e) {
                throw new AssertionError(sql, e);
            }
        });
    }

    private List<String> planOfLast(Consumer<Handle> work) {
        List<String> plan = plan(statements(work).getLast());
        // What is sorted at the end is one page, with its tags.
        assertThat(plan.indexOf("USE TEMP B-TREE FOR ORDER BY"))
                .as("%s", plan)
                .isIn(-1, plan.size() - 1);
        return plan;
    }

    @Test
    void aPageTakesTwoStatementsHoweverManyBuffersAreOnIt() {
        assertThat(statements(handle -> table.list(handle, THREE, false, Cursor.START, 2000)))
                .hasSize(2);
        assertThat(
                        statements(handle ->
                                table.list(handle, TagFilter.NONE, false, Cursor.START, 2000)))
                .hasSize(1);
    }

    @Test
    void aPageWithoutTagsIsReadFromTheIndexByAge() {
        List<String> plan =
                planOfLast(handle -> table.list(handle, TagFilter.NONE, false, Cursor.START, 100));
        assertThat(plan)
                .anyMatch(step ->
                        step.startsWith("SEARCH x USING COVERING INDEX buffers_by_age")
                                && step.contains("(created_at,id)<(?,?)"));
    }

    @Test
    void aPageByTagsIsReadFromTheListOfOneTagAndLooksTheOthersUpInTheirs() {
        List<String> plan =
                planOfLast(handle -> table.list(handle, THREE, false, Cursor.START, 100));
        assertThat(plan)
                .anyMatch(step ->
                        step.startsWith("SEARCH x USING PRIMARY KEY")
                                && step.contains("tag_key=? AND tag_value=? AND soft_deleted=?")
                                && step.contains("(created_at,owner_id)<(?,?)"));
        assertThat(plan)
                .filteredOn(step -> step.startsWith("SEARCH u"))
                .hasSize(3)
                .allMatch(step ->
                        step.matches("SEARCH u (EXISTS )?USING PRIMARY KEY.*")
                                && step.contains("soft_deleted=? AND created_at=?"));
        assertThat(plan).noneMatch(step -> step.startsWith("SCAN") && !step.equals("SCAN p"));
    }

    @Test
    void aPageByKeyAndTimeIsReadFromTheListOfTheKey() {
        TimeRange range =
                new TimeRange(
                        Optional.of(Instant.EPOCH),
                        Optional.of(Instant.ofEpochSecond(9999999999L)));
        TagFilter keys = new TagFilter(Map.of(), Map.of(), Set.of("a", "b"), range);
        List<String> plan =
                planOfLast(handle -> table.list(handle, keys, false, Cursor.START, 100));
        assertThat(plan)
                .anyMatch(step ->
                        step.startsWith("SEARCH x USING COVERING INDEX buffer_tags_by_key")
                                && step.contains("(<expr>=? AND soft_deleted=?")
                                && step.contains("created_at"));
        assertThat(plan)
                .filteredOn(step -> step.startsWith("SEARCH u"))
                .hasSize(1)
                .allMatch(step ->
                        step.contains("buffer_tags_by_key")
                                && step.contains("soft_deleted=? AND created_at=?"));
    }

    @Test
    void theDensityOfTagsIsReadFromTheirLists() {
        String sample =
                statements(handle -> table.list(handle, THREE, false, Cursor.START, 100))
                        .getFirst();
        assertThat(plan(sample))
                .filteredOn(step -> step.startsWith("SEARCH x"))
                .hasSize(3)
                .allMatch(step -> step.startsWith("SEARCH x USING PRIMARY KEY"));
        assertThat(plan(sample)).noneMatch(step -> step.contains("TEMP B-TREE"));
    }

    @Test
    void whatHasExpiredIsReadFromTheIndexByExpiry() {
        List<String> plan = planOfLast(handle -> table.expired(handle, true, Instant.EPOCH, 100));
        assertThat(plan)
                .anyMatch(step -> step.contains("INDEX buffers_by_expiry"))
                .noneMatch(step -> step.contains("TEMP B-TREE"));
    }

    @Test
    void aCountByTagsLooksOnlyAtTheListsOfItsTagsAndAtWhatHasExpired() {
        List<String> made = statements(handle -> table.count(handle, THREE, false, Instant.EPOCH));
        assertThat(made).hasSize(3);
        assertThat(plan(made.get(1))).anyMatch(step -> step.startsWith("SEARCH x USING PRIMARY"));
        assertThat(plan(made.get(2)))
                .anyMatch(step -> step.contains("SEARCH x USING INDEX buffers_by_expiry"));
    }

    @Test
    void theSparsestTagLeads() {
        Map<String, String> rare = new HashMap<>(Map.of("a", "1", "rare", "1"));
        database.write(handle -> {
            for (int i = 0; i < 300; i++) {
                table.insert(
                        handle,
                        "%026d".formatted(i),
                        Instant.ofEpochSecond(i),
                        Optional.empty(),
                        i % 100 == 0 ? rare : Map.of("a", "1", "z", "1"));
            }
            return 0;
        });
        for (String common : List.of("a", "z")) {
            TagFilter both = new TagFilter(Map.of(common, "1", "rare", "1"), Map.of());
            List<String> values = new ArrayList<>();
            database.read(handle -> {
                handle.getConfig(SqlStatements.class)
                        .setSqlLogger(
                                new SqlLogger() {
                                    @Override
                                    public void logBeforeExecution(StatementContext context) {
                                        values.add(context.getBinding().toString());
                                    }
                                });
                return table.list(handle, both, false, Cursor.START, 100);
            });
            assertThat(values.getLast()).contains("leadKey:rare");
        }
    }
}
