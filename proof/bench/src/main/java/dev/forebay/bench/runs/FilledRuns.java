package dev.forebay.bench.runs;

import dev.forebay.control.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * A catalogue that was filled with runs without the product. Run {@code n} was created {@code n}
 * seconds after 1970, and ended within the hour. Of a hundred runs 95 have succeeded, 4 have failed
 * and one was canceled; the last 50 are pending, and the hundred before these run.
 *
 * <p>The codespecs are {@code spec-0} to {@code spec-49} in turns, each with ten versions. The
 * values of the tag {@code device} are {@code scanner-0} to {@code scanner-9} in turns, {@code
 * half} is 0 for the even runs and 1 for the others, and only the even ones have the tag {@code
 * even}. Of a hundred thousand runs one has the tag {@code rare}, and the first of all have {@code
 * early}.
 */
final class FilledRuns {
    private static final String CONTENT =
            """
            {"job":{"codespec":{"kind":"job","name":"spec","version":1,\
            "createdAt":"2026-01-01T00:00:00.000000+00:00","image":"busybox",\
            "command":["sh","-c","tr a-z A-Z < $(IN_PIPE) > $(OUT_PIPE)"],\
            "buffers":{"inputs":["in"],"outputs":["out"]}},\
            "buffers":{"in":"abcdefghijklmnopqrstuvwxyz","out":"zyxwvutsrqponmlkjihgfedcba"},\
            "replicas":1},"timeoutSeconds":43200,"bufferAccessTtl":"01:00:00"}\
            """;

    private FilledRuns() {}

    static void make(Path file, int count) throws IOException, SQLException {
        Files.createDirectories(file.resolveSibling(""));
        Database.sqlite(file).close();
        String runs =
                """
                insert into runs (id, created_at, started_at, finished_at, status, content)
                with recursive c(n) as (select 1 union all select n + 1 from c where n < %1$d)
                select n, n * 1000000, n * 1000000 + 500,
                    case when n <= %1$d - 150
                        then n * 1000000 + (n * 7919 %% 3600) * 1000000 end,
                    case when n > %1$d - 50 then 0 when n > %1$d - 150 then 1
                        when n %% 100 = 7 then 5 when n %% 25 = 1 then 2 else 3 end,
                    '%2$s' from c\
                """
                        .formatted(count, CONTENT);
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute("pragma synchronous = off");
            statement.execute("pragma cache_size = -600000");
            connection.setAutoCommit(false);
            List<String> indexes = dropIndexes(statement);
            statement.execute(runs);
            statement.execute("update run_numbers set latest = " + count);
            for (String label :
                    List.of(
                            label("=codespec", "'spec-' || (id % 50)", "true"),
                            label(
                                    "=version",
                                    "'spec-' || (id % 50) || '/versions/' || (id % 500 / 50 + 1)",
                                    "true"),
                            label("device", "'scanner-' || (id % 10)", "true"),
                            label("half", "id % 2", "true"),
                            label("even", "'yes'", "id % 2 = 0"),
                            label("rare", "'1'", "id % 100000 = 5"),
                            label("early", "'1'", "id <= 20000"))) {
                statement.execute(label);
            }
            for (String index : indexes) {
                statement.execute(index); // Much faster than row by row.
            }
            connection.commit();
        }
    }

    /** Drops the indexes of runs and labels; returns the statements that make them again. */
    private static List<String> dropIndexes(Statement statement) throws SQLException {
        List<String> names = new ArrayList<>();
        List<String> made = new ArrayList<>();
        try (ResultSet found =
                statement.executeQuery(
                        """
                        select name, sql from sqlite_master where type = 'index'
                        and tbl_name in ('runs', 'run_labels') and sql is not null\
                        """)) {
            while (found.next()) {
                names.add(found.getString(1));
                made.add(found.getString(2));
            }
        }
        for (String name : names) {
            statement.execute("drop index " + name);
        }
        return made;
    }

    private static String label(String key, String value, String condition) {
        return """
        insert into run_labels (label_key, label_value, status, created_at, run_id, finished_at)
        select '%s', %s, status, created_at, id, finished_at from runs where %s
        order by 2, status, created_at, id\
        """
                .formatted(key, value, condition);
    }
}
