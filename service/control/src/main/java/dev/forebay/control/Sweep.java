package dev.forebay.control;

import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Ends what has expired: active things become deleted, deleted ones are gone with their data.
 *
 * <p><b>Guarantee.</b> Work is linear in what has expired, in transactions of bounded size, so that
 * other writers come between. A thing that was given more time since it was found stays. On a full
 * disk a sweep still works. Safe for use by many threads; blocks.
 */
final class Sweep<T extends Expiring> {
    private static final int CHUNK = 500;

    private final Database database;
    private final TaggedTable<T> table;
    private final Expiry expiry;
    private final Consumer<String> takeData;

    /**
     * @param takeData takes the data of a thing with that ID out of sight, durably; it is called in
     *     the transaction that removes the row
     */
    Sweep(Database database, TaggedTable<T> table, Expiry expiry, Consumer<String> takeData) {
        this.database = database;
        this.table = table;
        this.expiry = expiry;
        this.takeData = takeData;
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
     * Purges a thing, unless it was given more time since it was found, or time went back. Its data
     * goes inside of the transaction, so that no caller can restore the row meanwhile. A crash
     * before the commit leaves a deleted row without data, which {@link Reconciliation} removes.
     */
    private boolean purgeIfStillDue(String id) {
        return database.makeRoom(handle -> {
            boolean due =
                    table.findLocked(handle, id)
                            .filter(Expiring::softDeleted)
                            .map(thing -> expiry.hasPassed(thing.expiresAt()))
                            .orElse(false);
            if (due) {
                takeData.accept(id);
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
