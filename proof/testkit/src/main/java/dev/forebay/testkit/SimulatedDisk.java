package dev.forebay.testkit;

import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.base.LockedException;
import dev.forebay.testkit.DiskCall.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A disk in memory that knows what it has not synced, so that a test can cut the power, or end the
 * process, after any call.
 *
 * <p><b>Guarantee.</b> It keeps the promises of {@link Disk} and not one more: after {@link #crash}
 * a file has its synced sectors and any subset of the others, each in any version stored since; a
 * directory has its synced names and any subset of the later changes, each change of a name whole.
 * Syncing a file does not keep its name; syncing a directory does not keep what its files hold.
 * After {@link #kill} all is seen and nothing more is certain. An image is a new disk, independent
 * of this one, with no locks held.
 *
 * <p><b>Limit.</b> Sectors do not tear inside; a rename between two directories becomes durable
 * with a sync of either. Locks know this disk only, not other processes. Paths are normalised and
 * absolute; the root directory exists.
 *
 * <p>Safe for use by many threads; calls take effect one after the other.
 */
public final class SimulatedDisk implements Disk {
    /** Spreads consecutive numbers over all values of a long. */
    private static final long SPREAD = 0x9e3779b97f4a7c15L;

    /**
     * Guards all inodes, names and counters; held while a call takes effect and while its listener
     * runs.
     */
    private final Object lock = new Object();

    private final SimulatedTree tree;
    private final Set<Path> locked = new HashSet<>();
    private volatile Faults faults = Faults.NONE;

    /** The thread whose interrupt status changes in its calls; null if there is none. */
    private volatile @Nullable Thread interrupted;

    private Consumer<DiskCall> listener = call -> {};
    private long calls;

    public SimulatedDisk() {
        this(new SimulatedTree());
    }

    private SimulatedDisk(SimulatedTree tree) {
        this.tree = tree;
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

    /**
     * From now on sets the interrupt status of {@code thread} in a quarter of its calls and clears
     * it in another quarter, which ones depends on their numbers alone; with null no more.
     */
    void interrupt(@Nullable Thread thread) {
        interrupted = thread;
    }

    private void changeInterrupt(long number) {
        if (Thread.currentThread().equals(interrupted)) {
            switch ((int) (number * SPREAD >>> 62)) {
                case 0 -> Thread.currentThread().interrupt();
                case 1 -> Thread.interrupted();
                default -> {}
            }
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
            return new SimulatedDisk(tree.survivor(survival));
        }
    }

    /**
     * The disk as the end of the process now would leave it: everything that was written can be
     * seen, and what was not synced may still be lost with the next power cut. This one goes on
     * unharmed.
     */
    public SimulatedDisk kill() {
        synchronized (lock) {
            return new SimulatedDisk(tree.copy());
        }
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
        changeInterrupt(number);
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

    @Override
    public DiskFile open(Path path, Access access) throws IOException {
        SimulatedInode inode =
                access == Access.CREATE
                        ? call(
                                Kind.CREATE,
                                path,
                                any -> tree.add(path, new SimulatedInode(false, Instant.now())))
                        : call(Kind.OPEN, path, any -> tree.need(path));
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
                any -> tree.add(directory, new SimulatedInode(true, Instant.now())));
    }

    @Override
    public void link(Path existing, Path name) throws IOException {
        call(Kind.LINK, name, any -> tree.add(name, tree.need(existing)));
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        call(Kind.RENAME, to, any -> tree.rename(from, to));
    }

    @Override
    public void delete(Path path) throws IOException {
        call(Kind.DELETE, path, any -> tree.delete(path));
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        call(
                Kind.SYNC_DIRECTORY,
                directory,
                0,
                0,
                any -> tree.sync(directory),
                () -> tree.forgetUnsynced(directory));
    }

    @Override
    public void syncAll(Path below) throws IOException {
        call(
                Kind.SYNC_ALL,
                below,
                0,
                0,
                any -> {
                    tree.need(below);
                    return tree.syncAll();
                },
                tree::forgetAllUnsynced);
    }

    @Override
    public List<Path> list(Path directory) throws IOException {
        return call(
                Kind.LIST,
                directory,
                any ->
                        tree.needDirectory(directory).names.keySet().stream()
                                .map(directory::resolve)
                                .toList());
    }

    @Override
    public Optional<Entry> stat(Path path) throws IOException {
        return call(
                Kind.STAT,
                path,
                any ->
                        tree.find(path)
                                .map(inode ->
                                        new Entry(inode.directory, inode.size(), inode.modified)));
    }

    @Override
    public long usableBytes(Path path) {
        return Long.MAX_VALUE;
    }

    @Override
    public AutoCloseableLock lock(Path path) throws IOException {
        Path key = SimulatedTree.clean(path);
        return call(
                Kind.LOCK,
                path,
                any -> {
                    if (tree.find(key).isEmpty()) {
                        tree.add(key, new SimulatedInode(false, Instant.now()));
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
