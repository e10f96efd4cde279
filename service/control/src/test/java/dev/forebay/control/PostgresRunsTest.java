package dev.forebay.control;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** The same runs on a real PostgreSQL. */
class PostgresRunsTest extends RunsTest {
    /** The longest start; a slow machine may need it. */
    private static final Duration LONGEST_START = Duration.ofMinutes(3);

    private static EmbeddedPostgres postgres;

    @BeforeAll
    static void startPostgres() throws IOException {
        postgres = EmbeddedPostgres.builder().setPGStartupWait(LONGEST_START).start();
    }

    @AfterAll
    static void stopPostgres() throws IOException {
        postgres.close();
    }

    @Override
    Database openDatabase() throws IOException {
        return Database.postgres(postgres.getJdbcUrl("postgres", "postgres"), "postgres", "");
    }

    @AfterEach
    void empty() throws SQLException {
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("drop schema public cascade; create schema public");
        }
    }
}
