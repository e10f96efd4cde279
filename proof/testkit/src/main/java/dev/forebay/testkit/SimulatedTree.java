package dev.forebay.testkit;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The names of a {@link SimulatedDisk}: those that a program sees, those that the device has for
 * certain, and the changes between the two in their order. All access is under the disk's lock.
 */
final class SimulatedTree {
    /** One name gets another inode, or none. */
    private record NameChange(
            SimulatedInode directory, String name, @Nullable SimulatedInode inode) {}

    /** What one call changes of names: it survives whole or not at all. */
    private record Change(List<NameChange> entries) {
        boolean touches(SimulatedInode directory) {
            return entries.stream().anyMatch(entry -> entry.directory == directory);
        }

        void applyTo(Map<SimulatedInode, Map<String, SimulatedInode>> durable) {
            for (NameChange entry : entries) {
                Map<String, SimulatedInode> names =
                        durable.computeIfAbsent(
                                entry.directory, directory -> directory.durableNames);
                if (entry.inode == null) {
                    names.remove(entry.name);
                } else {
                    names.put(entry.name, entry.inode);
                }
            }
        }
    }

    private final SimulatedInode root;
    private final List<Change> unsynced = new ArrayList<>();

    SimulatedTree() {
        this(new SimulatedInode(true, Instant.EPOCH));
    }

    private SimulatedTree(SimulatedInode root) {
        this.root = root;
    }

    static Path clean(Path path) {
        return path.toAbsolutePath().normalize();
    }

    Optional<SimulatedInode> find(Path path) {
        SimulatedInode at = root;
        for (Path name : clean(path)) {
            SimulatedInode next = at.names.get(name.toString());
            if (next == null) {
                return Optional.empty();
            }
            at = next;
        }
        return Optional.of(at);
    }

    SimulatedInode need(Path path) throws NoSuchFileException {
        return find(path).orElseThrow(() -> new NoSuchFileException(path.toString()));
    }

    SimulatedInode needDirectory(Path path) throws IOException {
        SimulatedInode inode = need(path);
        if (!inode.directory) {
            throw new NotDirectoryException(path.toString());
        }
        return inode;
    }

    private SimulatedInode parentOf(Path path) throws IOException {
        Path parent = clean(path).getParent();
        if (parent == null) {
            throw new IOException("the root directory cannot be changed");
        }
        return needDirectory(parent);
    }

    private static String nameOf(Path path) {
        Path name = clean(path).getFileName();
        return name == null ? "" : name.toString();
    }

    private void change(NameChange... entries) {
        for (NameChange entry : entries) {
            if (entry.inode == null) {
                entry.directory.names.remove(entry.name);
            } else {
                entry.directory.names.put(entry.name, entry.inode);
            }
        }
        unsynced.add(new Change(List.of(entries)));
    }

    /** Gives {@code inode} the name, which must be free. */
    SimulatedInode add(Path path, SimulatedInode inode) throws IOException {
        SimulatedInode parent = parentOf(path);
        if (parent.names.containsKey(nameOf(path))) {
            throw new FileAlreadyExistsException(path.toString());
        }
        change(new NameChange(parent, nameOf(path), inode));
        return inode;
    }

    SimulatedInode rename(Path from, Path to) throws IOException {
        SimulatedInode inode = need(from);
        SimulatedInode target = parentOf(to);
        SimulatedInode replaced = target.names.get(nameOf(to));
        if (replaced != null && replaced.directory) {
            throw new FileAlreadyExistsException(to.toString());
        }
        change(
                new NameChange(parentOf(from), nameOf(from), null),
                new NameChange(target, nameOf(to), inode));
        return inode;
    }

    SimulatedInode delete(Path path) throws IOException {
        SimulatedInode inode = need(path);
        if (inode.directory && !inode.names.isEmpty()) {
            throw new DirectoryNotEmptyException(path.toString());
        }
        change(new NameChange(parentOf(path), nameOf(path), null));
        return inode;
    }

    /** Makes the changes of names in {@code directory} durable. */
    SimulatedInode sync(Path directory) throws IOException {
        SimulatedInode synced = needDirectory(directory);
        Map<SimulatedInode, Map<String, SimulatedInode>> durable = new HashMap<>();
        takeUnsynced(synced).forEach(change -> change.applyTo(durable));
        return synced;
    }

    /**
     * What a failed sync does: the changes count as clean from now on, and nothing of them is on
     * the device.
     */
    void forgetUnsynced(Path directory) {
        find(directory).ifPresent(this::takeUnsynced);
    }

    private List<Change> takeUnsynced(SimulatedInode directory) {
        List<Change> taken = unsynced.stream().filter(change -> change.touches(directory)).toList();
        unsynced.removeAll(taken);
        return taken;
    }

    /** Makes all names and all that the named files hold durable. */
    SimulatedInode syncAll() {
        Map<SimulatedInode, Map<String, SimulatedInode>> durable = new HashMap<>();
        unsynced.forEach(change -> change.applyTo(durable));
        unsynced.clear();
        syncFiles(root);
        return root;
    }

    private static void syncFiles(SimulatedInode inode) {
        if (inode.directory) {
            inode.names.values().forEach(SimulatedTree::syncFiles);
        } else {
            inode.sync();
        }
    }

    /** What a failed {@link #syncAll} does. */
    void forgetAllUnsynced() {
        unsynced.clear();
        forgetFiles(root);
    }

    private static void forgetFiles(SimulatedInode inode) {
        inode.forgetUnsynced();
        inode.names.values().forEach(SimulatedTree::forgetFiles);
    }

    /** What a power cut leaves; all of it is durable. */
    SimulatedTree survivor(Survival survival) {
        Map<SimulatedInode, Map<String, SimulatedInode>> names = new HashMap<>();
        for (Change change : unsynced) {
            if (survival.version(2) == 1) {
                for (NameChange entry : change.entries) {
                    names.computeIfAbsent(
                            entry.directory, directory -> new TreeMap<>(directory.durableNames));
                }
                change.applyTo(names);
            }
        }
        return new SimulatedTree(survivor(root, names, survival, new HashMap<>()));
    }

    private static SimulatedInode survivor(
            SimulatedInode inode,
            Map<SimulatedInode, Map<String, SimulatedInode>> names,
            Survival survival,
            Map<SimulatedInode, SimulatedInode> done) {
        SimulatedInode known = done.get(inode);
        if (known != null) {
            return known;
        }
        if (!inode.directory) {
            SimulatedInode copy = inode.survivor(survival);
            done.put(inode, copy);
            return copy;
        }
        SimulatedInode copy = new SimulatedInode(true, inode.modified);
        done.put(inode, copy);
        names.getOrDefault(inode, inode.durableNames)
                .forEach((name, child) ->
                        copy.names.put(name, survivor(child, names, survival, done)));
        copy.durableNames.putAll(copy.names);
        return copy;
    }

    /** The same once more, with all that is not synced still not synced. */
    SimulatedTree copy() {
        Map<SimulatedInode, SimulatedInode> done = new HashMap<>();
        SimulatedTree copy = new SimulatedTree(copy(root, done));
        for (Change change : unsynced) {
            copy.unsynced.add(
                    new Change(
                            change.entries.stream()
                                    .map(entry ->
                                            new NameChange(
                                                    copy(entry.directory, done),
                                                    entry.name,
                                                    entry.inode == null
                                                            ? null
                                                            : copy(entry.inode, done)))
                                    .toList()));
        }
        return copy;
    }

    private static SimulatedInode copy(
            SimulatedInode inode, Map<SimulatedInode, SimulatedInode> done) {
        SimulatedInode known = done.get(inode);
        if (known != null) {
            return known;
        }
        SimulatedInode copy = inode.copyWithoutNames();
        done.put(inode, copy);
        inode.names.forEach((name, child) -> copy.names.put(name, copy(child, done)));
        inode.durableNames.forEach((name, child) -> copy.durableNames.put(name, copy(child, done)));
        return copy;
    }
}
