package dev.forebay.control;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/**
 * The catalogue's database: SQLite in a file, or PostgreSQL, with the same tables and the same SQL.
 *
 * <p>What {@link #write} returns from is committed and, with SQLite, synced ({@code
 * synchronous=FULL}); with PostgreSQL as durable as that server is told to be. SQLite has one
 * writer, whose transactions begin immediate, and its native calls run on a few platform threads of
 * their own, since they would pin virtual ones. Safe for use by many threads; blocks.
 */
public final class Database implements AutoCloseable {
    private static final int SQLITE_READERS = 2;
    private static final int BUSY_MILLIS = 30_000;

    private final HikariDataSource writing;
    private final HikariDataSource reading;
    private final Jdbi writer;
    private final Jdbi reader;
    private final ExecutorService writeThreads;
    private final ExecutorService readThreads;
    private final String lockingRead;

    private Database(
            HikariDataSource writing,
            HikariDataSource reading,
            ExecutorService writeThreads,
            ExecutorService readThreads,
            String lockingRead) {
        this.writing = writing;
        this.reading = reading;
        this.writer = Jdbi.create((DataSource) writing);
        this.reader = Jdbi.create((DataSource) reading);
        this.writeThreads = writeThreads;
        this.readThreads = readThreads;
        this.lockingRead = lockingRead;
    }

    /**
     * A database in {@code file}, which is made if it is missing and brought to the present version
     * if it is older.
     */
    public static Database sqlite(Path file) {
        HikariDataSource writing = pool(sqliteUrl(file, "FULL"), 1);
        return open(
                writing,
                pool(sqliteUrl(file, "FULL"), SQLITE_READERS),
                Executors.newSingleThreadExecutor(
                        Thread.ofPlatform().daemon().name("catalogue-writer").factory()),
                Executors.newFixedThreadPool(
                        SQLITE_READERS,
                        Thread.ofPlatform().daemon().name("catalogue-reader-", 0).factory()),
                "");
    }

    static String sqliteUrl(Path file, String synchronous) {
        return "jdbc:sqlite:"
                + file
                + "?journal_mode=WAL&synchronous="
                + synchronous
                + "&busy_timeout="
                + BUSY_MILLIS
                + "&transaction_mode=IMMEDIATE&foreign_keys=true";
    }

    /** A database on a PostgreSQL server. */
    public static Database postgres(String url, String user, String password) {
        HikariConfig config = config(url, 8);
        config.setUsername(user);
        config.setPassword(password);
        HikariDataSource pool = new HikariDataSource(config);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        return open(pool, pool, threads, threads, " for update");
    }

    private static Database open(
            HikariDataSource writing,
            HikariDataSource reading,
            ExecutorService writeThreads,
            ExecutorService readThreads,
            String lockingRead) {
        try {
            Flyway.configure(Database.class.getClassLoader())
                    .dataSource(writing)
                    .locations("classpath:dev/forebay/control/migrations")
                    .load()
                    .migrate();
            return new Database(writing, reading, writeThreads, readThreads, lockingRead);
        } catch (FlywayException e) {
            writing.close();
            reading.close();
            throw new ControlException(
                    ControlException.Kind.UNAVAILABLE,
                    "the catalogue "
                            + writing.getJdbcUrl().replaceAll("[?].*", "")
                            + " could not be opened: "
                            + e.getMessage(),
                    e);
        }
    }

    private static HikariDataSource pool(String url, int size) {
        return new HikariDataSource(config(url, size));
    }

    private static HikariConfig config(String url, int size) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setMaximumPoolSize(size);
        config.setPoolName("catalogue");
        return config;
    }

    /**
     * What makes a select lock the rows it finds until the transaction ends; empty where one writer
     * makes it needless.
     */
    String lockingRead() {
        return lockingRead;
    }

    <T> T read(Function<Handle, T> work) {
        return on(readThreads, () -> reader.withHandle(work::apply));
    }

    /** All of {@code work} in one transaction, or nothing of it. */
    <T> T write(Function<Handle, T> work) {
        return on(writeThreads, () -> writer.inTransaction(work::apply));
    }

    private static <T> T on(ExecutorService threads, Callable<T> work) {
        Future<T> result = threads.submit(work);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return result.get();
                } catch (InterruptedException e) {
                    interrupted =
                            true; // What was begun is waited for; half-known is worse than late.
                }
            }
        } catch (ExecutionException e) {
            throw translated(e.getCause());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static RuntimeException translated(@Nullable Throwable cause) {
        return switch (cause) {
            case JdbiException e ->
                    new ControlException(
                            ControlException.Kind.UNAVAILABLE,
                            "the catalogue failed: " + e.getCause(),
                            e);
            case RuntimeException e -> e;
            case Error e -> throw e;
            case null, default -> new IllegalStateException(cause);
        };
    }

    @Override
    public void close() {
        writeThreads.close();
        readThreads.close();
        writing.close();
        reading.close();
    }
}
