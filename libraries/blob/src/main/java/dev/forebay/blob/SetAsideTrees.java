package dev.forebay.blob;

import dev.forebay.base.Disk;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

/**
 * The containers of a store that were set aside: each has another name in the root of the store,
 * and waits there for its deletion.
 *
 * <p><b>Guarantee.</b> One thread at a time deletes a tree. A deletion that was stopped or failed
 * is taken up again by a later call.
 *
 * <p>Safe for use by many threads; blocks on files.
 */
final class SetAsideTrees {
    private static final String PREFIX = "=removed-";

    private final Disk disk;
    private final Path root;

    /** What waits for its deletion; a thread that deletes a tree takes it out. */
    private final Set<Path> waiting = ConcurrentHashMap.newKeySet();

    /** True once {@code waiting} holds what earlier owners left, too. */
    private volatile boolean complete;

    /** None yet; those of earlier owners become known by {@link #seen} and {@link #allSeen}. */
    SetAsideTrees(Disk disk, Path root) {
        this.disk = disk;
        this.root = root;
    }

    /** True if no listing of the root is needed to find a tree. */
    boolean isComplete() {
        return complete;
    }

    /** A listing of the root has met {@code path}. */
    void seen(Path path) {
        if (!complete && String.valueOf(path.getFileName()).startsWith(PREFIX)) {
            waiting.add(path);
        }
    }

    /** A listing of the root has met everything in it. */
    void allSeen() {
        complete = true;
    }

    /** Renames the container; the caller syncs the root. */
    void add(String id, Path container) throws IOException {
        Path aside = root.resolve(PREFIX + UUID.randomUUID() + "-" + id);
        disk.rename(container, aside);
        waiting.add(aside);
    }

    /** Deletes all that waits, until {@code stop}. */
    void deleteAll(BooleanSupplier stop) throws IOException {
        for (Path tree : List.copyOf(waiting)) {
            if (waiting.remove(tree) && !deleted(tree, stop)) {
                return;
            }
        }
    }

    /** Deletes a tree; if it was stopped or failed, a later call will. */
    private boolean deleted(Path tree, BooleanSupplier stop) throws IOException {
        boolean deleted = false;
        try {
            deleted = delete(tree, stop);
        } catch (NoSuchFileException e) {
            // Found by a listing while another call deleted it, which goes on to the end.
            deleted = true;
        } finally {
            if (!deleted) {
                waiting.add(tree);
            }
        }
        return deleted;
    }

    private boolean delete(Path path, BooleanSupplier stop) throws IOException {
        if (stop.getAsBoolean()) {
            return false;
        }
        if (disk.stat(path).map(Disk.Entry::directory).orElse(false)) {
            for (Path child : disk.list(path)) {
                if (!delete(child, stop)) {
                    return false;
                }
            }
        }
        disk.delete(path);
        return true;
    }
}
