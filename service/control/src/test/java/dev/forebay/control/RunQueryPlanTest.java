package dev.forebay.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.run.RunStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.StatementContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each page of runs is read from an index in its order, for every state. The catalogue is empty;
 * the plans of SQLite do not depend on that.
 */
class RunQueryPlanTest {
    private static final Set<RunStatus> TWO = EnumSet.of(RunStatus.RUNNING, RunStatus.FAILED);
    private static final TimeRange SINCE =
            new TimeRange(Optional.of(Instant.EPOCH), Optional.of(Instant.EPOCH.plusSeconds(9)));

    @TempDir Path temp;
    private final RunTable table = new RunTable(Dialect.SQLITE);

    /** Takes every label for one that many runs have. */
    private final RunTable merging = new RunTable(Dialect.SQLITE, 0);

    private Database database;

    @BeforeEach
    void open() throws IOException {
        database = Database.sqlite(temp.resolve("catalog.db"));
    }

    @AfterEach
    void close() {
        database.close();
    }

    private static RunFilter filter(
            Map<String, String> tags, Set<String> keys, TimeRange created, TimeRange finished) {
        return new RunFilter(TWO, tags, keys, Optional.empty(), created, finished);
    }

    /** The steps that read rows, of the statement that finds a page. */
    private List<String> plan(RunFilter filter) {
        return plan(table, filter, "SEARCH", "USE TEMP");
    }

    private List<String> plan(RunTable table, RunFilter filter, String... steps) {
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
            table.list(handle, filter, RunPlace.START, 100);
            List<String> found = new ArrayList<>();
            Connection connection = handle.getConnection();
            try (Statement statement = connection.createStatement();
                    ResultSet rows =
                            statement.executeQuery(
                                    "explain query plan " + made.getLast().replace("?", "1"))) {
                while (rows.next()) {
                    String step = rows.getString("detail");
                    if (Arrays.stream(steps).anyMatch(step::startsWith)) {
                        found.add(step);
                    }
                }
                return found;
            } catch (SQLException e) {
                throw new AssertionError(made.getLast(), e);
            }
        });
    }

    private void assertReads(RunFilter filter, String index, String range) {
        List<String> plan = plan(filter);
        assertThat(plan)
                .as("%s", plan)
                .filteredOn(step -> step.startsWith("SEARCH x"))
                .hasSize(TWO.size())
                .allMatch(step -> step.contains(index) && step.contains(range));
        // What is sorted are the rows of one page that a state gave.
        assertThat(plan)
                .as("%s", plan)
                .filteredOn(step -> step.startsWith("USE TEMP"))
                .hasSizeLessThanOrEqualTo(TWO.size());
    }

    @Test
    void aPageByStatusIsReadFromTheIndexByAge() {
        RunFilter any = filter(Map.of(), Set.of(), TimeRange.ALL, TimeRange.ALL);
        assertReads(any, "runs_by_age", "status=?");
        RunFilter since = filter(Map.of(), Set.of(), SINCE, TimeRange.ALL);
        assertReads(since, "runs_by_age", "status=? AND created_at>?");
    }

    @Test
    void aPageByTheTimeOfEndsIsReadFromTheirIndex() {
        RunFilter ended = filter(Map.of(), Set.of(), TimeRange.ALL, SINCE);
        assertReads(ended, "runs_by_end", "status=? AND finished_at>?");
    }

    @Test
    void aPageByTagIsReadFromTheListOfTheTagAndTheStatus() {
        RunFilter tagged = filter(Map.of("a", "1"), Set.of(), TimeRange.ALL, TimeRange.ALL);
        assertReads(tagged, "PRIMARY KEY", "label_key=? AND label_value=? AND status=?");
        RunFilter both = filter(Map.of("a", "1", "b", "2"), Set.of("c"), SINCE, TimeRange.ALL);
        assertReads(both, "PRIMARY KEY", "label_key=? AND label_value=? AND status=?");
        assertThat(plan(both))
                .filteredOn(step -> step.startsWith("SEARCH u"))
                .hasSize(2 * TWO.size())
                .allMatch(step -> step.contains("status=? AND created_at=?"));
    }

    /** Neither list is looked up in, and none is put aside as a whole. */
    @Test
    void aPageByFrequentTagsReadsTheirListsSideBySide() {
        RunFilter both = filter(Map.of("a", "1"), Set.of("c"), SINCE, TimeRange.ALL);
        List<String> plan = plan(merging, both, "SEARCH", "MERGE (INTERSECT)", "INTERSECT");
        assertThat(plan)
                .as("%s", plan)
                .filteredOn(step -> step.startsWith("SEARCH"))
                .hasSize(2 * TWO.size())
                .allMatch(step -> step.startsWith("SEARCH x") && step.contains("created_at"));
        assertThat(plan)
                .as("%s", plan)
                .filteredOn(step -> step.contains("INTERSECT"))
                .hasSize(TWO.size())
                .allMatch("MERGE (INTERSECT)"::equals);
    }

    @Test
    void aPageByTagAndTheTimeOfEndsIsReadFromTheListOfTheTagByEnd() {
        RunFilter tagged = filter(Map.of("a", "1"), Set.of("c"), TimeRange.ALL, SINCE);
        assertReads(
                tagged,
                "run_labels_by_end",
                "label_key=? AND label_value=? AND status=? AND finished_at>?");
    }

    @Test
    void aPageByTheKeyOfATagIsReadFromTheListOfTheKey() {
        RunFilter keyed = filter(Map.of(), Set.of("a"), TimeRange.ALL, TimeRange.ALL);
        assertReads(keyed, "run_labels_by_key", "label_key=? AND status=?");
    }
}
