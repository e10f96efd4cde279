package dev.forebay.server;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.LockedException;
import dev.forebay.datalog.DataLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Settings of the log of a running server, for commands that prove to have the key of its data
 * directory. Blocks.
 */
public final class LogAdministration {
    private static final String ALLOWANCE = "log-allowance";
    private static final String BYTES = "bytes";

    private final Path data;

    private LogAdministration(Path data) {
        this.data = data;
    }

    /** Of the server that has {@code data}. */
    public static LogAdministration of(Path data) {
        return new LogAdministration(data);
    }

    /**
     * Changes what the log may take on the disk, until the server ends. Pages above it are gone
     * when this returns.
     *
     * @throws IOException if no server runs, or it refuses; the message says the next step
     */
    public void allowance(ByteSize allowance) throws IOException {
        Disk disk = Disk.system();
        if (disk.stat(data.resolve(Storage.LOCK)).isEmpty()) {
            throw notRunning();
        }
        try (Disk.AutoCloseableLock _ = disk.lock(data.resolve(Storage.LOCK))) {
            throw notRunning();
        } catch (LockedException e) {
            Map<String, Object> request = new HashMap<>();
            request.put("action", ALLOWANCE);
            request.put(BYTES, allowance.bytes());
            Map<String, Object> answer = new SealedCalls(disk, Clock.system(), data).ask(request);
            if (answer.get(UserRequests.REFUSED) instanceof String why) {
                throw new IOException(why, e);
            }
        }
    }

    private IOException notRunning() {
        return new IOException(
                "no server runs on %s; 'forebay serve --log-allowance SIZE' sets the allowance of one that starts"
                        .formatted(data));
    }

    /** Whether a request is about the log. */
    static boolean owns(Map<String, Object> request) {
        return ALLOWANCE.equals(request.get("action"));
    }

    /** Does what is asked, and returns the answer. */
    static Map<String, Object> answer(DataLog log, Map<String, Object> request) {
        try {
            if (request.get(BYTES) instanceof Number bytes) {
                log.allowance(ByteSize.of(bytes.longValue()));
                return Map.of();
            }
            return Map.of(UserRequests.REFUSED, "expected a number of bytes");
        } catch (IllegalArgumentException e) {
            return Map.of(UserRequests.REFUSED, String.valueOf(e.getMessage()));
        }
    }
}
