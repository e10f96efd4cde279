package dev.forebay.control;

import dev.forebay.blob.ContainerStore;
import dev.forebay.blob.Listing;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * How rows and containers were found to fit together. Nothing that is named here was changed.
 *
 * @param unknown containers that no row knows and that hold something, in order
 * @param missing active rows that have no container, in order: their data is gone
 */
public record Reconciliation(List<String> unknown, List<String> missing) {
    public Reconciliation {
        unknown = List.copyOf(unknown);
        missing = List.copyOf(missing);
    }

    /** How many IDs one statement reads. */
    private static final int CHUNK = 10_000;

    private static final Listing ANY = new Listing("", true, "", 1);

    /**
     * Compares the two while the catalogue is in use, after ending purges that were cut short;
     * blocks. A container that no row knows and that is empty is removed: a server was killed while
     * it created a buffer, and there is nothing to lose. Time and memory are linear in the
     * containers and rows.
     *
     * <p>Containers are listed first and rows read then, both while buffers come and go. So every
     * difference is looked at once more, and what was only in between is none.
     *
     * @param creating IDs whose container may be there before their row
     * @param ending asked for every container and row; if true, the comparison ends
     * @return empty if it was ended
     */
    static Optional<Reconciliation> of(
            Database database,
            BufferTable table,
            ContainerStore containers,
            Predicate<String> creating,
            BooleanSupplier ending) {
        Set<String> unknown = new HashSet<>();
        boolean listed =
                containers.visit(id -> {
                    unknown.add(id);
                    return !ending.getAsBoolean();
                });
        if (!listed) {
            return Optional.empty();
        }
        containers.removeSetAside(ending);
        List<String> missing = new ArrayList<>();
        String[] last = {""};
        while (true) {
            List<String> rows = database.read(handle -> table.ids(handle, last[0], CHUNK));
            for (String id : rows) {
                if (ending.getAsBoolean()) {
                    return Optional.empty();
                }
                if (!unknown.remove(id)
                        && containers.open(id).isEmpty()
                        && isMissing(database, table, id)) {
                    missing.add(id);
                }
            }
            if (rows.size() < CHUNK) {
                break;
            }
            last[0] = rows.getLast();
        }
        List<String> left = new ArrayList<>();
        for (String id : unknown) {
            if (ending.getAsBoolean()) {
                return Optional.empty();
            }
            // Asked in this order: the row of a buffer that is no longer being created is there.
            if (!creating.test(id)
                    && !database.read(handle -> table.isThere(handle, id))
                    && containers.open(id).isPresent()) {
                if (containers.names(id, ANY).isEmpty()) {
                    containers.setAside(id);
                } else {
                    left.add(id);
                }
            }
        }
        containers.removeSetAside(ending);
        left.sort(null);
        missing.sort(null);
        return Optional.of(new Reconciliation(left, missing));
    }

    /**
     * Whether the row is an active one. Of a deleted one a purge has taken the container, and was
     * cut short: it is removed.
     */
    private static boolean isMissing(Database database, BufferTable table, String id) {
        return database.makeRoom(handle -> {
            Optional<Buffer> row = table.findLocked(handle, id);
            if (row.filter(Buffer::softDeleted).isPresent()) {
                table.remove(handle, id);
                return false;
            }
            return row.isPresent();
        });
    }
}
