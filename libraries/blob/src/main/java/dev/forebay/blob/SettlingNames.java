package dev.forebay.blob;

import dev.forebay.base.Disk;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Names of a container between their link and the sync of their directory. Each is listed before
 * its file appears and until it is synced; one whose sync failed stays listed for ever, and hidden.
 *
 * <p>A put that meets a name that another is giving waits for it, but holds none itself meanwhile:
 * two batches with the same names in another order would wait for each other.
 *
 * <p>Safe for use by many threads; blocks on the disk.
 */
final class SettlingNames {
    private final DirectoryContainer container;
    private final Disk disk;
    private final DurableDirectories directories;
    private final Waiters waiters;

    /** The failure of a put whose own failure found no memory for words; made beforehand. */
    private final IOException withoutWords =
            new IOException("a put ended with an error without words");

    /** True once a name is synced, or was before; false if that is not to be. */
    private final ConcurrentMap<BlobName, CompletableFuture<Boolean>> listed =
            new ConcurrentHashMap<>();

    SettlingNames(
            DirectoryContainer container,
            Disk disk,
            DurableDirectories directories,
            Waiters waiters) {
        this.container = container;
        this.disk = disk;
        this.directories = directories;
        this.waiters = waiters;
    }

    boolean any() {
        return !listed.isEmpty();
    }

    /**
     * Whether a name whose file was seen is durable, waiting for its directory sync if that is
     * under way. It is asked after the file was seen: a name is listed before its file appears.
     */
    boolean settled(BlobName name) {
        CompletableFuture<Boolean> pending = listed.get(name);
        return pending == null || pending.join();
    }

    /** Links {@code staged} to each of {@code names} that is free, syncs, and says which were. */
    Set<BlobName> settle(Set<BlobName> names, Path staged) throws IOException {
        Map<BlobName, SharedSync> left = new LinkedHashMap<>();
        for (BlobName name : names) {
            left.put(name, directories.of(container.pathOf(name)));
        }
        Set<BlobName> created = new HashSet<>();
        while (!left.isEmpty()) {
            Map<BlobName, CompletableFuture<Boolean>> others =
                    new Round(left, staged).settle(created);
            left.keySet().retainAll(others.keySet());
            for (Map.Entry<BlobName, CompletableFuture<Boolean>> other : others.entrySet()) {
                if (other.getValue().join()) {
                    left.remove(other.getKey());
                } else {
                    // The other put failed: by a poison, which this reports, or before its link.
                    container.checkTakesPuts();
                }
            }
        }
        return created;
    }

    /** A name that is listed for a round. */
    private static final class Mine {
        final BlobName name;
        final SharedSync directory;
        final CompletableFuture<Boolean> settled = new CompletableFuture<>();

        /** It has a file, or may have one, that is not synced yet. */
        boolean linked;

        Mine(BlobName name, SharedSync directory) {
            this.name = name;
            this.directory = directory;
        }
    }

    /** Settles the names that no other put is giving. For one thread, once. */
    private final class Round {
        private final Path staged;
        private final List<Mine> mine = new ArrayList<>();

        Round(Map<BlobName, SharedSync> names, Path staged) {
            this.staged = staged;
            names.forEach((name, directory) -> mine.add(new Mine(name, directory)));
        }

        /** Adds the names that were free to {@code created}, and returns those that others give. */
        Map<BlobName, CompletableFuture<Boolean>> settle(Set<BlobName> created) throws IOException {
            try {
                Map<BlobName, CompletableFuture<Boolean>> others = list();
                // A container that is retired looks at the list after it has said so.
                container.checkThere();
                IOException failedLink = link();
                sync();
                for (Mine one : mine) {
                    if (one.linked) {
                        created.add(one.name);
                        settled(one);
                        waiters.announce(one.name);
                    }
                }
                if (failedLink != null) {
                    throw failedLink;
                }
                return others;
            } catch (IOException | RuntimeException | Error e) {
                unsettled(e);
                throw e;
            }
        }

        private Map<BlobName, CompletableFuture<Boolean>> list() {
            Map<BlobName, CompletableFuture<Boolean>> others = new LinkedHashMap<>();
            for (Mine one : mine) {
                CompletableFuture<Boolean> other = listed.putIfAbsent(one.name, one.settled);
                if (other != null) {
                    others.put(one.name, other);
                }
            }
            mine.removeIf(one -> others.containsKey(one.name));
            return others;
        }

        /** Links until a link fails, and returns why. */
        private @Nullable IOException link() {
            for (Mine one : mine) {
                one.linked = true;
                try {
                    disk.link(staged, container.pathOf(one.name));
                } catch (FileAlreadyExistsException e) {
                    // It was not listed when we looked, so what has the name is synced.
                    settled(one);
                } catch (IOException e) {
                    one.linked = false;
                    return e;
                }
            }
            return null;
        }

        private void sync() throws IOException {
            Set<SharedSync> changed = new LinkedHashSet<>();
            mine.stream().filter(one -> one.linked).forEach(one -> changed.add(one.directory));
            for (SharedSync directory : changed) {
                directory.sync();
            }
        }

        private void settled(Mine one) {
            listed.remove(one.name, one.settled);
            one.settled.complete(true);
            one.linked = false;
        }

        /**
         * A name that was linked and is perhaps not durable poisons the container. Whatever is
         * thrown here, there is a poison before the first waiter is woken, and all are: from the
         * words on, nothing takes memory.
         */
        private void unsettled(Throwable failure) {
            IOException reason = withoutWords;
            try {
                reason =
                        failure instanceof IOException e
                                ? e
                                : new IOException("it ended with " + failure, failure);
            } finally {
                poison(reason);
            }
        }

        private void poison(IOException reason) {
            boolean linked = false;
            for (int i = 0; i < mine.size(); i++) {
                linked |= mine.get(i).linked;
            }
            try {
                if (linked && container.isThere()) {
                    container.poison(reason);
                }
            } finally {
                for (int i = 0; i < mine.size(); i++) {
                    Mine one = mine.get(i);
                    if (!one.linked || !container.isThere()) {
                        listed.remove(one.name, one.settled);
                    }
                    one.settled.complete(false);
                }
            }
        }
    }
}
