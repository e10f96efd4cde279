package dev.forebay.control;

import dev.forebay.blob.ContainerStore;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How rows and containers were found to fit together. Nothing that is named here was changed.
 *
 * @param unknown containers that no row knows, in order
 * @param missing active rows that have no container, in order: their data is gone
 */
public record Reconciliation(List<String> unknown, List<String> missing) {
    public Reconciliation {
        unknown = List.copyOf(unknown);
        missing = List.copyOf(missing);
    }

    /** Compares the two after ending purges that were cut short; blocks. */
    static Reconciliation of(Database database, BufferTable table, ContainerStore containers) {
        containers.removeSetAside();
        Set<String> there = new HashSet<>(containers.list());
        List<String> rows = database.read(table::ids);
        List<String> missing = new ArrayList<>();
        for (String id : rows) {
            if (!there.contains(id) && !endPurge(database, table, id)) {
                missing.add(id);
            }
        }
        List<String> unknown = new ArrayList<>(there);
        unknown.removeAll(rows);
        unknown.sort(null);
        return new Reconciliation(unknown, missing);
    }

    /** Removes the row if it is a deleted one: of those, a purge takes the container first. */
    private static boolean endPurge(Database database, BufferTable table, String id) {
        return database.write(handle -> {
            boolean deleted = table.findLocked(handle, id).filter(Buffer::softDeleted).isPresent();
            if (deleted) {
                table.remove(handle, id);
            }
            return deleted;
        });
    }
}
