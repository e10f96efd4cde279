package dev.forebay.control;

import dev.forebay.base.DamagedException;
import dev.forebay.base.ForebayException;
import dev.forebay.control.ControlException.Kind;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** What drivers and libraries throw, as faults of the catalogue in words and with the next step. */
final class SqlFaults {
    private static final int PRIMARY_CODE = 0xFF;
    private static final String POSTGRES_DISK_FULL = "53100";

    private SqlFaults() {}

    /**
     * The fault behind {@code thrown}.
     *
     * @param catalogue its file or URL
     */
    static ForebayException of(String catalogue, Throwable thrown) {
        if (thrown instanceof ForebayException own) {
            return own;
        }
        SQLException cause = cause(thrown).orElse(null);
        if (cause == null) {
            return new ControlException(
                    Kind.UNAVAILABLE,
                    "the catalogue %s failed: %s".formatted(catalogue, oneLine(thrown)),
                    thrown);
        }
        if (isNoSpace(cause)) {
            return noSpace(catalogue, thrown);
        }
        return switch (sqliteCode(cause)) {
            case SQLITE_CORRUPT, SQLITE_NOTADB ->
                    new DamagedException(
                            """
                            the catalogue %s is damaged (%s); stop the server and put the file back \
                            from a backup, or move it away with its -wal and -shm files to begin \
                            an empty one: the data of the buffers stays in containers/\
                            """
                                    .formatted(catalogue, oneLine(cause)),
                            thrown);
            case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH, SQLITE_READONLY ->
                    new ControlException(
                            Kind.UNAVAILABLE,
                            """
                            the catalogue %s could not be opened for writing (%s); check that it \
                            is a file, that this user may read and write it and its directory, \
                            and that the process may open 256 files (ulimit -n)\
                            """
                                    .formatted(catalogue, oneLine(cause)),
                            thrown);
            default ->
                    new ControlException(
                            Kind.UNAVAILABLE,
                            "the catalogue %s failed: %s; try again"
                                    .formatted(catalogue, oneLine(cause)),
                            thrown);
        };
    }

    static ControlException noSpace(String catalogue, Throwable cause) {
        return new ControlException(
                Kind.NO_SPACE,
                """
                the disk of the catalogue %s is full; delete and purge buffers, or free space on \
                the device, and try again\
                """
                        .formatted(catalogue),
                cause);
    }

    static boolean isNoSpace(Throwable thrown) {
        return cause(thrown)
                .filter(e ->
                        sqliteCode(e) == SQLiteErrorCode.SQLITE_FULL
                                || POSTGRES_DISK_FULL.equals(e.getSQLState()))
                .isPresent();
    }

    private static Optional<SQLException> cause(Throwable thrown) {
        for (Throwable each = thrown; each != null; each = each.getCause()) {
            if (each instanceof SQLException e) {
                return Optional.of(e);
            }
        }
        return Optional.empty();
    }

    /** The code without its details; unknown for another database. */
    private static SQLiteErrorCode sqliteCode(SQLException e) {
        return e instanceof SQLiteException own
                ? SQLiteErrorCode.getErrorCode(own.getResultCode().code & PRIMARY_CODE)
                : SQLiteErrorCode.UNKNOWN_ERROR;
    }

    /** The first line; libraries add reports of many lines. */
    private static String oneLine(Throwable e) {
        @Nullable String message = e.getMessage();
        return message == null ? e.toString() : message.lines().findFirst().orElse(e.toString());
    }
}
