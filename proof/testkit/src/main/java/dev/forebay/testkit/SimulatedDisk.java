package dev.forebay.testkit;

import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.base.LockedException;
import dev.forebay.testkit.DiskCall.Kind;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A disk in memory that knows what it has not synced, so that a test can cut the power after any
 * call.
 *
 * <p><b>Guarantee.</b> It keeps the promises of {@link Disk} and not one more: after {@link #crash}
 * a file has its synced sectors and any subset of the others, each in any version stored since; a
 * directory has its synced names and any subset of the later changes, each change of a name whole.
 * Syncing a file does not keep its name; syncing a directory does not keep what its files hold. An
 * image is a new disk, independent of this one, with no locks held.
 *
 * <p><b>Limit.</b> Sectors do not tear inside; a rename between two directories becomes durable
 * with a sync of either. Locks know this disk only, not other processes. Paths are normalised and
 * absolute; the root directory exists.
 *
 * <p>Safe for use by many threads; calls take effect one after the other.
 */
public final class SimulatedDisk implements Disk {
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

    /**
     * Guards all inodes, names and counters; held while a call takes effect and while its listener
     * runs.
     */
    private final Object lock = new Object();

    private final SimulatedInode root;
    private final List<Change> unsynced = new ArrayList<>();
    private final Set<Path> locked = new HashSet<>();
    private volatile Faults faults = Faults.NONE;
    private Consumer<DiskCall> listener = call -> {};
    private long calls;

    public SimulatedDisk() {
        this(new SimulatedInode(true, Instant.EPOCH));
    }

    private SimulatedDisk(SimulatedInode root) {
        this.root = root;
    }

    /** From now on asks {@code faults} before each call. */
    public void faults(Faults faults) {
        this.faults = faults;
    }

    /**
     * From now on tells {@code listener} of each call that can change what a crash leaves, right
     * after it took effect and before anything else happens; the listener may take images, and
     * nothing else of this disk.
     */
    public void afterEachChange(Consumer<DiskCall> listener) {
        synchronized (lock) {
            this.listener = listener;
        }
    }

    /** How many calls there were so far. */
    public long calls() {
        synchronized (lock) {
            return calls;
        }
    }

    /** The disk as a power cut now would leave it. This one goes on unharmed. */
    public SimulatedDisk crash(Survival survival) {
        synchronized (lock) {
            Map<SimulatedInode, Map<String, SimulatedInode>> names = new HashMap<>();
            for (Change change : unsynced) {
                if (survival.version(2) == 1) {
                    for (NameChange entry : change.entries) {
                        names.computeIfAbsent(
                                entry.directory,
                                directory -> new TreeMap<>(directory.durableNames));
                    }
                    change.applyTo(names);
                }
            }
            return new SimulatedDisk(survivor(root, names, survival, new HashMap<>()));
        }
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

    /** What a call does once it is allowed. */
    interface Effect<T> {
        T take(long allowed) throws IOException;
    }

    /** Asks for faults, takes effect under the lock, tells the listener. */
    <T> T call(Kind kind, Path path, long position, long length, Effect<T> effect, Runnable onFault)
            throws IOException {
        long number;
        synchronized (lock) {
            number = ++calls;
        }
        DiskCall call = new DiskCall(number, kind, path, position, length);
        long allowed;
        try {
            allowed = faults.allow(call);
        } catch (IOException e) {
            synchronized (lock) {
                onFault.run();
            }
            throw e;
        }
        synchronized (lock) {
            T result = effect.take(allowed);
            if (kind.changes()) {
                listener.accept(call);
            }
            return result;
        }
    }

    <T> T call(Kind kind, Path path, long position, long length, Effect<T> effect)
            throws IOException {
        return call(kind, path, position, length, effect, () -> {});
    }

    private <T> T call(Kind kind, Path path, Effect<T> effect) throws IOException {
        return call(kind, path, 0, 0, effect);
    }

    private Optional<SimulatedInode> find(Path path) {
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

    private static Path clean(Path path) {
        return path.toAbsolutePath().normalize();
    }

    private SimulatedInode need(Path path) throws NoSuchFileException {
        return find(path).orElseThrow(() -> new NoSuchFileException(path.toString()));
    }

    private SimulatedInode needDirectory(Path path) throws IOException {
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

    private SimulatedInode add(Path path, SimulatedInode inode) throws IOException {
        SimulatedInode parent = parentOf(path);
        if (parent.names.containsKey(nameOf(path))) {
            throw new FileAlreadyExistsException(path.toString());
        }
        change(new NameChange(parent, nameOf(path), inode));
        return inode;
    }

    @Override
    public DiskFile open(Path path, Access access) throws IOException {
        SimulatedInode inode =
                access == Access.CREATE
                        ? call(
                                Kind.CREATE,
                                path,
                                any -> add(path, new SimulatedInode(false, Instant.now())))
                        : call(Kind.OPEN, path, any -> need(path));
        if (inode.directory) {
            throw new IOException(path + " is a directory");
        }
        return new SimulatedFile(this, path, inode, access != Access.READ);
    }

    @Override
    public void createDirectory(Path directory) throws IOException {
        call(
                Kind.CREATE_DIRECTORY,
                directory,
                any -> add(directory, new SimulatedInode(true, Instant.now())));
    }

    @Override
    public void link(Path existing, Path name) throws IOException {
        call(Kind.LINK, name, any -> add(name, need(existing)));
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        call(
                Kind.RENAME,
                to,
                any -> {
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
                });
    }

    @Override
    public void delete(Path path) throws IOException {
        call(
                Kind.DELETE,
                path,
                any -> {
                    SimulatedInode inode = need(path);
                    if (inode.directory && !inode.names.isEmpty()) {
                        throw new DirectoryNotEmptyException(path.toString());
                    }
                    change(new NameChange(parentOf(path), nameOf(path), null));
                    return inode;
                });
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        call(
                Kind.SYNC_DIRECTORY,
                directory,
                0,
                0,
                any -> {
                    Map<SimulatedInode, Map<String, SimulatedInode>> durable = new HashMap<>();
                    takeUnsynced(needDirectory(directory))
                            .forEach(change -> change.applyTo(durable));
                    return directory;
                },
                // The changes count as clean from now on, and nothing of them is on the device.
                () -> find(directory).ifPresent(this::takeUnsynced));
    }

    private List<Change> takeUnsynced(SimulatedInode directory) {
        List<Change> taken = unsynced.stream().filter(change -> change.touches(directory)).toList();
        unsynced.removeAll(taken);
        return taken;
    }

    @Override
    public void syncAll(Path below) throws IOException {
        call(
                Kind.SYNC_ALL,
                below,
                any -> {
                    Map<SimulatedInode, Map<String, SimulatedInode>> durable = new HashMap<>();
                    unsynced.forEach(change -> change.applyTo(durable));
                    unsynced.clear();
                    syncTree(root);
                    return root;
                });
    }

    private static void syncTree(SimulatedInode inode) {
        if (inode.directory) {
            inode.names.values().forEach(SimulatedDisk::syncTree);
        } else {
            inode.sync();
        }
    }

    @Override
    public List<Path> list(Path directory) throws IOException {
        return call(
                Kind.LIST,
                directory,
                any ->
                        needDirectory(directory).names.keySet().stream()
                                .map(directory::resolve)
                                .toList());
    }

    @Override
    public Optional<Entry> stat(Path path) throws IOException {
        return call(
                Kind.STAT,
                path,
                any ->
                        find(path)
                                .map(inode ->
                                        new Entry(inode.directory, inode.size(), inode.modified)));
    }

    @Override
    public long usableBytes(Path path) {
        return Long.MAX_VALUE;
    }

    @Override
    public AutoCloseableLock lock(Path path) throws IOException {
        Path key = clean(path);
        return call(
                Kind.LOCK,
                path,
                any -> {
                    if (find(key).isEmpty()) {
                        add(key, new SimulatedInode(false, Instant.now()));
                    }
                    if (!locked.add(key)) {
                        throw new LockedException(path, ProcessHandle.current().pid());
                    }
                    return () -> {
                        synchronized (lock) {
                            locked.remove(key);
                        }
                    };
                });
    }
}
