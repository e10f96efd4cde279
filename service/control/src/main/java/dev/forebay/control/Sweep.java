package dev.forebay.control;

import dev.forebay.blob.ContainerStore;
import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Ends what has expired: active things become deleted, deleted ones are gone with their data.
 *
 * <p><b>Guarantee.</b> Work is linear in what has expired, in transactions of bounded size, so that
 * other writers come between. A thing that was given more time since it was found stays. On a full
 * disk a sweep still works. Safe for use by many threads; blocks.
 */
final class Sweep {
    private static final int CHUNK = 500;

    private final Database database;
    private final BufferTable table;
    private final ContainerStore containers;
    private final Expiry expiry;

    Sweep(Database database, BufferTable table, ContainerStore containers, Expiry expiry) {
        this.database = database;
        this.table = table;
        this.containers = containers;
        this.expiry = expiry;
    }

    /**
     * Runs once.
     *
     * @param ending asked before each purge; if true, the rest is left to the next run
     * @return how many things were purged
     */
    int run(BooleanSupplier ending) {
        int purged = 0;
        int before;
        do {
            before = purged;
            Instant now = expiry.now();
            for (String id : database.read(handle -> table.expired(handle, true, now, CHUNK))) {
                if (ending.getAsBoolean()) {
                    return purged;
                }
                purged += purgeIfStillDue(id) ? 1 : 0;
            }
        } while (purged > before);
        deleteExpired(ending);
        return purged;
    }

    /**
     * Takes away a buffer unless it was given more time since it was found, or time went back. Its
     * container goes inside of the transaction, so that nobody can restore the row meanwhile; a
     * crash in it leaves a deleted row without a container, which {@link Reconciliation} removes.
     */
    private boolean purgeIfStillDue(String id) {
        return database.makeRoom(handle -> {
            boolean due =
                    table.findLocked(handle, id)
                            .filter(Buffer::softDeleted)
                            .map(buffer -> expiry.hasPassed(buffer.expiresAt()))
                            .orElse(false);
            if (due) {
                containers.setAside(id);
                table.remove(handle, id);
            }
            return due;
        });
    }

    private void deleteExpired(BooleanSupplier ending) {
        Instant now = expiry.now();
        Instant end = now.plus(expiry.lifetimes().softDeleted());
        int ended;
        do {
            ended =
                    database.makeRoom(handle -> {
                        List<String> ids = table.expired(handle, false, now, CHUNK);
                        if (!ids.isEmpty()) {
                            table.setState(handle, ids, true, end);
                        }
                        return ids.size();
                    });
        } while (ended == CHUNK && !ending.getAsBoolean());
    }
}
