package dev.forebay.control;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * A real PostgreSQL for the tests that register this. The first class of a process starts the
 * server, and all share it; each test leaves an empty database behind.
 */
final class Postgres implements BeforeAllCallback, AfterEachCallback {
    /** The longest start; a slow machine may need it. */
    private static final Duration LONGEST_START = Duration.ofMinutes(3);

    /** Closed by JUnit when all tests have ended. */
    private record Server(EmbeddedPostgres process) implements AutoCloseable {
        static Server start() {
            try {
                return new Server(
                        EmbeddedPostgres.builder().setPGStartupWait(LONGEST_START).start());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() throws IOException {
            process.close();
        }
    }

    private @Nullable EmbeddedPostgres server;

    @Override
    public void beforeAll(ExtensionContext context) {
        server =
                context.getRoot()
                        .getStore(Namespace.GLOBAL)
                        .computeIfAbsent(Server.class, _ -> Server.start(), Server.class)
                        .process();
    }

    @Override
    public void afterEach(ExtensionContext context) throws SQLException {
        execute("drop schema public cascade; create schema public");
    }

    private EmbeddedPostgres server() {
        return Objects.requireNonNull(server, "no class has begun");
    }

    Database open() throws IOException {
        return Database.postgres(server().getJdbcUrl("postgres", "postgres"), "postgres", "");
    }

    /** A connection without the product's code. */
    Connection connect() throws SQLException {
        return server().getPostgresDatabase().getConnection();
    }

    void execute(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
