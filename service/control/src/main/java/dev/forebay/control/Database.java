package dev.forebay.control;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.forebay.base.Closing;
import dev.forebay.base.DamagedException;
import dev.forebay.base.Disk;
import dev.forebay.base.Worker;
import dev.forebay.control.ControlException.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/**
 * The catalogue's database: SQLite in a file, or PostgreSQL, with the same tables and the same SQL.
 *
 * <p><b>Guarantee.</b> What {@link #write} returns from is committed and, with SQLite, synced
 * ({@code synchronous=FULL}); with PostgreSQL as durable as that server is configured to be. On a
 * full disk {@link #makeRoom} still has a reserve with SQLite. {@link #close} closes everything,
 * whatever fails and whatever interrupts it; a second close does nothing, and later calls are
 * refused.
 *
 * <p><b>Limit.</b> Closing waits for the calls that were begun, and so for a disk that hangs.
 *
 * <p>SQLite has one writer, whose transactions begin immediate. Calls run on the threads of a
 * {@link CallQueue}: SQLite's native calls would pin virtual threads, and an interrupt would close
 * a connection to PostgreSQL. Safe for use by many threads; blocks.
 */
public final class Database implements AutoCloseable {
    private static final int SQLITE_READERS = 2;
    private static final int SQLITE_CACHE_KIB = 16 << 10;
    private static final int POSTGRES_CONNECTIONS = 8;
    private static final int BUSY_MILLIS = 30_000;

    /** A disk with less room than this counts as full when a catalogue cannot be opened. */
    private static final long SCARCE = 1L << 20;

    private final String name;
    private final Dialect dialect;
    private final CallQueue writes;
    private final CallQueue reads;
    private final Jdbi writer;
    private final Jdbi reader;

    /** Null where the database itself puts commits together. */
    private final @Nullable GroupedWrites grouped;

    /** For the one thread of {@code writes}; null where the database keeps its own room. */
    private final @Nullable SpaceReserve reserve;

    private Database(
            String name,
            Dialect dialect,
            CallQueue writes,
            CallQueue reads,
            DataSource writing,
            DataSource reading,
            @Nullable SpaceReserve reserve) {
        this.name = name;
        this.dialect = dialect;
        this.writes = writes;
        this.reads = reads;
        this.writer = Jdbi.create(writing);
        this.reader = Jdbi.create(reading);
        this.reserve = reserve;
        this.grouped =
                reserve == null ? null : new GroupedWrites(name, writes, writer, reserve::refill);
    }

    /**
     * A database in {@code file}, which is made if it is missing and brought to the present version
     * if it is older. Beside it stand SQLite's own files, and {@code catalog.reserve}.
     *
     * @throws dev.forebay.base.DamagedException if the file is not a sound database
     * @throws ControlException if it cannot be opened, or is of a newer version
     */
    public static Database sqlite(Path file) {
        return sqliteBehind(file).await();
    }

    /** The same, opened on a thread of its own while the caller does other things. */
    public static Opening sqliteBehind(Path file) {
        return new Opening(() -> openSqlite(file.toAbsolutePath()));
    }

    /**
     * A database that is being opened.
     *
     * <p><b>Guarantee.</b> What the opening throws is thrown once, by {@link #await} or, if that
     * was never called, by {@link #close}. An interrupt of the caller ends no wait. <b>Limit.</b>
     * For one thread; both methods block until the opening has ended.
     */
    public static final class Opening implements AutoCloseable {
        private final CallQueue thread =
                new CallQueue("catalogue-open", 1, Worker::platform, () -> {});
        private final Outcome<Database> outcome;
        private boolean awaited;

        private Opening(Supplier<Database> work) {
            outcome = thread.begin(work::get);
        }

        /**
         * The database.
         *
         * @throws dev.forebay.base.DamagedException as {@link #sqlite} does
         * @throws ControlException as {@link #sqlite} does
         */
        public Database await() {
            awaited = true;
            try (thread) {
                return thread.result(outcome);
            }
        }

        /** Closes the database, once it is open. */
        @Override
        public void close() {
            if (!awaited) {
                await().close();
            } else if (outcome.hasResult()) {
                outcome.get().close();
            }
        }
    }

    private static Database openSqlite(Path file) {
        Path directory = file.resolveSibling("");
        try {
            NativeLibrary.locate(directory);
            SpaceReserve reserve =
                    new SpaceReserve(Disk.system(), directory.resolve("catalog.reserve"));
            HikariDataSource writing = openOnScarceDisk(file, reserve);
            reserve.refill(); // While it is short, writes are refused with the reason.
            return closingOnFailure(
                    writing,
                    () -> {
                        HikariDataSource reading = sqlitePool(file, SQLITE_READERS);
                        CallQueue writes =
                                new CallQueue(
                                        "catalogue-writer", 1, Worker::platform, writing::close);
                        CallQueue reads =
                                closingOnFailure(
                                        writes,
                                        () ->
                                                new CallQueue(
                                                        "catalogue-reader",
                                                        SQLITE_READERS,
                                                        Worker::platform,
                                                        reading::close));
                        return new Database(
                                file.toString(),
                                Dialect.SQLITE,
                                writes,
                                reads,
                                writing,
                                reading,
                                reserve);
                    });
        } catch (IOException | RuntimeException e) {
            throw SqlFaults.of(file.toString(), e);
        }
    }

    /** Opens the catalogue for writing, with room from the reserve if there is no other. */
    private static HikariDataSource openOnScarceDisk(Path file, SpaceReserve reserve)
            throws IOException {
        while (true) {
            try {
                HikariDataSource pool = sqlitePool(file, 1);
                return closingOnFailure(
                        pool,
                        () -> {
                            migrate(
                                    file.toString(),
                                    pool,
                                    Map.of(
                                            "clustered",
                                            "without rowid",
                                            "bytewise",
                                            "",
                                            "bytes",
                                            "blob"));
                            return pool;
                        });
            } catch (RuntimeException e) {
                boolean scarce =
                        SqlFaults.isNoSpace(e)
                                || Disk.system().usableBytes(file.resolveSibling("")) < SCARCE;
                if (!scarce || !reserve.releasePiece()) {
                    throw e;
                }
            }
        }
    }

    private static HikariDataSource sqlitePool(Path file, int size) {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setBusyTimeout(BUSY_MILLIS);
        config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
        config.enforceForeignKeys(true);
        config.setCacheSize(-SQLITE_CACHE_KIB);
        // What a statement cannot hold in memory goes beside the catalogue, not to /tmp.
        config.setTempStoreDirectory(file.resolveSibling("").toString().replace("'", "''"));
        SQLiteDataSource source = new SQLiteDataSource(config);
        source.setUrl(sqliteUrl(file));
        HikariConfig pool = new HikariConfig();
        pool.setDataSource(source);
        return pool(pool, size, source::getConnection);
    }

    /** Opens a connection of its own first: a pool logs a trace if its first one fails. */
    private static HikariDataSource pool(HikariConfig config, int size, Probe probe) {
        config.setMaximumPoolSize(size);
        config.setPoolName("catalogue");
        try (Connection _ = probe.connect()) {
            return new HikariDataSource(config);
        } catch (SQLException e) {
            throw new ConnectionException(e);
        }
    }

    /** Makes a connection outside of the pool. */
    private interface Probe {
        Connection connect() throws SQLException;
    }

    /**
     * The address of a file whatever its name is. In a plain path SQLite's driver takes what is
     * behind a question mark for settings; in a URI only the escapes have a meaning.
     */
    static String sqliteUrl(Path file) {
        return "jdbc:sqlite:file:" + file.toAbsolutePath().toUri().getRawPath();
    }

    /**
     * A database on a PostgreSQL server.
     *
     * @throws ControlException if it cannot be opened, or is of a newer version
     */
    public static Database postgres(String url, String user, String password) {
        return new Opening(() -> openPostgres(url, user, password)).await();
    }

    private static Database openPostgres(String url, String user, String password) {
        String name = url.replaceAll("[?].*", "");
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setUsername(user);
        config.setPassword(password);
        try {
            HikariDataSource pool =
                    pool(
                            config,
                            POSTGRES_CONNECTIONS,
                            () -> DriverManager.getConnection(url, user, password));
            return closingOnFailure(
                    pool,
                    () -> {
                        migrate(
                                name,
                                pool,
                                Map.of(
                                        "clustered",
                                        "",
                                        "bytewise",
                                        "collate \"C\"",
                                        "bytes",
                                        "bytea"));
                        CallQueue calls =
                                new CallQueue(
                                        "catalogue",
                                        POSTGRES_CONNECTIONS,
                                        Worker::virtual,
                                        pool::close);
                        return new Database(name, Dialect.POSTGRES, calls, calls, pool, pool, null);
                    });
        } catch (RuntimeException e) {
            throw SqlFaults.of(name, e);
        }
    }

    private static <T> T closingOnFailure(AutoCloseable opened, Supplier<T> next) {
        try {
            return next.get();
        } catch (Throwable e) {
            try {
                opened.close();
            } catch (Throwable second) {
                e.addSuppressed(second);
            }
            throw e;
        }
    }

    private static void migrate(String name, DataSource database, Map<String, String> dialect) {
        Flyway flyway =
                Flyway.configure(Database.class.getClassLoader())
                        .dataSource(database)
                        .locations("classpath:dev/forebay/control/migrations")
                        .placeholders(dialect)
                        .load();
        for (MigrationInfo applied : flyway.info().applied()) {
            if (applied.getState() == MigrationState.FUTURE_SUCCESS) {
                throw new ControlException(
                        Kind.UNAVAILABLE,
                        """
                        the catalogue %s was written by a newer Forebay: its tables are of version \
                        %s, which this one does not know; start that Forebay or a newer one\
                        """
                                .formatted(name, applied.getVersion()));
            }
        }
        flyway.migrate();
    }

    Dialect dialect() {
        return dialect;
    }

    <T> T read(Function<Handle, T> work) {
        return reads.call(() -> translating(() -> reader.withHandle(work::apply)));
    }

    /**
     * All of {@code work} in one transaction, or nothing of it. With SQLite other calls may share
     * the transaction, and {@code work} may be made twice before one of them counts.
     *
     * @param work has no effect beyond its handle
     * @throws ControlException {@link Kind#NO_SPACE} if the disk is full; then nothing of it was
     *     stored
     */
    <T> T write(Function<Handle, T> work) {
        return grouped == null ? writes.call(() -> transaction(work)) : grouped.make(work);
    }

    /** The same for work that makes room; on a full disk it may use the reserve. */
    <T> T makeRoom(Function<Handle, T> work) {
        return writes.call(() -> {
            SpaceReserve room = reserve;
            if (room == null) {
                return transaction(work);
            }
            T result = withRoom(room, () -> transaction(work));
            if (!room.isFull()) {
                restartLog(room);
            }
            return result;
        });
    }

    private static <T> T withRoom(SpaceReserve room, Supplier<T> work) throws IOException {
        while (true) {
            try {
                return work.get();
            } catch (ControlException e) {
                if (e.kind() != Kind.NO_SPACE || !room.releasePiece()) {
                    throw e;
                }
            }
        }
    }

    /** Has SQLite use its log from the start again, so that a next deletion need not grow it. */
    private void restartLog(SpaceReserve room) throws IOException {
        try {
            withRoom(
                    room,
                    () ->
                            translating(() ->
                                    writer.withHandle(handle ->
                                            handle.createQuery("pragma wal_checkpoint(passive)")
                                                    .mapTo(Integer.class)
                                                    .one())));
        } catch (ControlException | DamagedException e) {
            // The deletion before it is committed, so its caller must not see this as a failure.
            System.getLogger(Database.class.getName())
                    .log(
                            System.Logger.Level.WARNING,
                            "the log of the catalogue %s keeps growing until it can be written back: %s"
                                    .formatted(name, e.getMessage()));
        }
    }

    private <T> T transaction(Function<Handle, T> work) {
        return translating(() -> writer.inTransaction(work::apply));
    }

    private <T> T translating(Supplier<T> work) {
        try {
            return work.get();
        } catch (JdbiException e) {
            throw SqlFaults.of(name, e);
        }
    }

    @Override
    public void close() {
        try (Closing all = new Closing()) {
            all.then(writes::close);
            all.then(reads::close);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
