package dev.forebay.blob;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.Closing;
import dev.forebay.base.Disk;
import dev.forebay.base.NoSpaceException;
import dev.forebay.base.Reason;
import dev.forebay.base.Worker;
import dev.forebay.blob.ContainerException.Fault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Containers as folders of one local directory.
 *
 * <p><b>Guarantee.</b> Everything acknowledged, "exists" answers and reads included, is {@link
 * dev.forebay.base.Durability#SYNCED}: it survives a power cut after any call. A crash leaves no
 * state in which a retry of the same request fails. No call is ended by an interrupt of its thread
 * but a wait for a blob. One process owns the directory at a time; after an unclean stop everything
 * found is synced before the store opens.
 *
 * <p><b>Limit.</b> As far as the device keeps its word on a flush, and on file systems with atomic
 * hard links. A container that met a failed sync takes no puts until the store is reopened.
 *
 * <p>Safe for use by many threads; blocks on files.
 */
public final class DirectoryContainers implements ContainerStore {
    /** The largest blob, unless the caller of {@code open} names another size. */
    public static final ByteSize LARGEST_BLOB = ByteSize.ofMiB(1024);

    private static final System.Logger LOG = System.getLogger(DirectoryContainers.class.getName());
    private static final String LOCK = "=lock";
    private static final String IN_USE = "=in-use";

    private final Disk disk;
    private final Clock clock;
    private final Path root;
    private final Disk.AutoCloseableLock lock;
    private final long largestBlob;
    private final SharedSync rootSync;
    private final SetAsideTrees setAside;
    private final LongAdder leftFiles = new LongAdder();
    private final LongAdder leftBytes = new LongAdder();

    /**
     * Open containers; one that is not in use is forgotten, unless it is poisoned, which must be
     * remembered.
     */
    private final ConcurrentMap<String, Known> known = new ConcurrentHashMap<>();

    private final ReferenceQueue<DirectoryContainer> unused = new ReferenceQueue<>();
    private final ConcurrentMap<String, DirectoryContainer> poisoned = new ConcurrentHashMap<>();
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Deletes what the last owner left staged; null if it closed the store. */
    private volatile @Nullable Worker clearing;

    /** False while files of the last owner may be left staged. */
    private volatile boolean cleared = true;

    private DirectoryContainers(
            Disk disk, Clock clock, Path root, Disk.AutoCloseableLock lock, long largestBlob) {
        this.disk = disk;
        this.clock = clock;
        this.root = root;
        this.lock = lock;
        this.largestBlob = largestBlob;
        this.rootSync = new SharedSync(disk, root);
        this.setAside = new SetAsideTrees(disk, root);
    }

    /**
     * Opens the store for blobs of up to {@link #LARGEST_BLOB}.
     *
     * @param disk where the files are
     * @param clock measures waits and ages
     * @param root its directory
     * @return the store, which owns the directory until it is closed
     * @throws IOException if the directory cannot be read or made
     */
    public static DirectoryContainers open(Disk disk, Clock clock, Path root) throws IOException {
        return open(disk, clock, root, LARGEST_BLOB);
    }

    /**
     * Opens the store in {@code root}, which is made if its parent exists.
     *
     * @param disk where the files are
     * @param clock measures waits and ages
     * @param root its directory
     * @param largestBlob a body that is longer is refused while it is staged; what is there already
     *     is served whatever its size
     * @return the store, which owns the directory until it is closed
     * @throws dev.forebay.base.LockedException if another process has it open; the message names
     *     its process id
     */
    public static DirectoryContainers open(Disk disk, Clock clock, Path root, ByteSize largestBlob)
            throws IOException {
        if (disk.stat(root).isEmpty()) {
            disk.createDirectory(root);
        }
        // Also for an owner who died between making the root and syncing it.
        disk.syncDirectory(Optional.ofNullable(root.toAbsolutePath().getParent()).orElse(root));
        Disk.AutoCloseableLock lock = disk.lock(root.resolve(LOCK));
        try {
            DirectoryContainers store =
                    new DirectoryContainers(disk, clock, root, lock, largestBlob.bytes());
            Path inUse = root.resolve(IN_USE);
            if (disk.stat(inUse).isPresent()) {
                // The last owner did not close. What it wrote may be seen now and yet not be
                // durable.
                disk.syncAll(root);
                store.clearBehind();
            } else {
                disk.open(inUse, Disk.Access.CREATE).close();
                disk.syncDirectory(root);
            }
            return store;
        } catch (Throwable e) {
            releaseAfter(e, lock);
            throw e;
        }
    }

    private static void releaseAfter(Throwable failure, Disk.AutoCloseableLock lock) {
        try {
            lock.close();
        } catch (IOException | RuntimeException | Error e) {
            failure.addSuppressed(e);
        }
    }

    /** Starts to delete what the last owner left staged; a million containers take their time. */
    private void clearBehind() {
        cleared = false;
        clearing = Worker.platform("forebay-staged-files", this::clearStaged, this::notCleared);
    }

    private void clearStaged() throws IOException {
        try {
            if (!disk.visit(root, this::clearUnlessClosed)) {
                return;
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        cleared = true;
        long files = leftFiles.sum();
        if (files > 0) {
            LOG.log(
                    System.Logger.Level.INFO,
                    "the last owner of %s did not close it; deleted %d files of %s that unfinished puts had left, none acknowledged"
                            .formatted(root, files, ByteSize.of(leftBytes.sum())));
        }
    }

    /**
     * Clears a container that was not opened yet; {@link #openContainer} clears the others.
     *
     * @return false if the store is being closed
     */
    private boolean clearUnlessClosed(Path path) {
        if (closed.get()) {
            return false;
        }
        String id = String.valueOf(path.getFileName());
        if (ContainerStore.isValidId(id)) {
            known.compute(
                    id,
                    (any, seen) -> {
                        if (seen == null) {
                            clear(path);
                        }
                        return seen;
                    });
        }
        return true;
    }

    private void clear(Path path) {
        try {
            if (disk.stat(path).isPresent()) {
                clearStaged(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What is left is deleted when its container is opened, or by the next owner. */
    private void notCleared(Throwable cause) {
        LOG.log(
                System.Logger.Level.WARNING,
                "the files that unfinished puts had left in %s could not all be deleted: %s"
                        .formatted(root, Reason.of(cause)));
    }

    private void clearStaged(Path container) throws IOException {
        Leftovers found = Staging.clear(disk, container);
        leftFiles.add(found.files());
        leftBytes.add(found.bytes());
    }

    /**
     * What earlier owners left staged and this one has deleted. Blocks until all containers were
     * looked through.
     *
     * @return their number and bytes
     */
    public Leftovers leftovers() {
        joinClearing();
        return new Leftovers(leftFiles.sum(), leftBytes.sum());
    }

    private void joinClearing() {
        Worker worker = clearing;
        if (worker != null) {
            worker.join();
        }
    }

    private Path pathOf(String id) {
        if (!ContainerStore.isValidId(id)) {
            throw new ContainerException(
                    Fault.BAD_REQUEST,
                    "illegal container name; expected 3 to 63 ASCII letters and digits");
        }
        checkOpen();
        return root.resolve(id);
    }

    private void checkOpen() {
        if (closed.get()) {
            throw new ContainerException(Fault.CLOSED, "the store in " + root + " was closed");
        }
    }

    private static ContainerException fault(String doing, IOException e) {
        Fault fault = e instanceof NoSpaceException ? Fault.NO_SPACE : Fault.FAILED;
        return new ContainerException(fault, doing + ": " + e.getMessage(), e);
    }

    @Override
    public boolean create(String id) {
        Path path = pathOf(id);
        try {
            boolean made = true;
            try {
                disk.createDirectory(path);
            } catch (FileAlreadyExistsException e) {
                made = false; // Perhaps by a request that has not synced yet, so the sync below is
                // for both.
            }
            rootSync.sync();
            return made;
        } catch (IOException e) {
            throw fault("creating container " + id, e);
        }
    }

    @Override
    public Optional<Container> open(String id) {
        Path path = pathOf(id);
        Known reference = known.get(id);
        DirectoryContainer container = reference == null ? null : reference.get();
        if (container != null) {
            return Optional.of(container);
        }
        try {
            if (disk.stat(path).isEmpty()) {
                return Optional.empty();
            }
            forgetUnused();
            DirectoryContainer[] opened = new DirectoryContainer[1];
            known.compute(
                    id,
                    (any, seen) -> {
                        opened[0] = seen == null ? null : seen.get();
                        if (opened[0] != null) {
                            return seen;
                        }
                        opened[0] = openContainer(id, path);
                        return opened[0] == null ? null : new Known(id, opened[0], unused);
                    });
            return Optional.ofNullable(opened[0]);
        } catch (IOException e) {
            throw fault("opening container " + id, e);
        }
    }

    @Override
    public List<String> names(String id, Listing wanted) {
        Path path = pathOf(id);
        try {
            return new NameWalk(disk, wanted).names(path);
        } catch (NoSuchFileException e) {
            throw new ContainerException(Fault.MISSING_CONTAINER, "there is no container " + id, e);
        } catch (IOException e) {
            throw fault("listing container " + id, e);
        }
    }

    /** Removes the entries of containers that the garbage collector found unused. */
    private void forgetUnused() {
        for (Reference<?> seen = unused.poll(); seen != null; seen = unused.poll()) {
            if (seen instanceof Known entry) {
                known.remove(entry.id, entry);
            }
        }
    }

    /** A container in use. */
    private static final class Known extends WeakReference<DirectoryContainer> {
        private final String id;

        Known(String id, DirectoryContainer container, ReferenceQueue<DirectoryContainer> unused) {
            super(container, unused);
            this.id = id;
        }
    }

    private @Nullable DirectoryContainer openContainer(String id, Path path) {
        checkOpen(); // A store that closes retires every container that was opened before.
        try {
            if (disk.stat(path).isEmpty()) {
                return null;
            }
            clearStaged(path);
            return new DirectoryContainer(
                    disk, clock, path, largestBlob, broken -> poisoned.put(id, broken));
        } catch (IOException e) {
            throw fault("opening container " + id, e);
        }
    }

    @Override
    public boolean setAside(String id) {
        Path path = pathOf(id);
        try {
            boolean[] found = new boolean[1];
            known.compute(
                    id,
                    (any, seen) -> {
                        DirectoryContainer container = seen == null ? null : seen.get();
                        if (container != null) {
                            container.retire(Fault.MISSING_CONTAINER);
                        }
                        found[0] = moveAside(id, path);
                        return null;
                    });
            poisoned.remove(id);
            rootSync.sync();
            return found[0];
        } catch (IOException e) {
            throw fault("setting container " + id + " aside", e);
        }
    }

    private boolean moveAside(String id, Path path) {
        try {
            if (disk.stat(path).isEmpty()) {
                return false;
            }
            setAside.add(id, path);
            return true;
        } catch (IOException e) {
            throw fault("setting container " + id + " aside", e);
        }
    }

    @Override
    public void removeSetAside(BooleanSupplier ending) {
        checkOpen();
        BooleanSupplier stop = () -> closed.get() || ending.getAsBoolean();
        try {
            if (setAside.isComplete() || visit(id -> !stop.getAsBoolean())) {
                setAside.deleteAll(stop);
            }
        } catch (IOException e) {
            throw fault("removing what was set aside in " + root, e);
        }
    }

    @Override
    public boolean visit(Predicate<? super String> visitor) {
        checkOpen();
        try {
            boolean all =
                    disk.visit(
                            root,
                            path -> {
                                String name = String.valueOf(path.getFileName());
                                setAside.seen(path);
                                return !ContainerStore.isValidId(name) || visitor.test(name);
                            });
            if (all) {
                setAside.allSeen();
            }
            return all;
        } catch (IOException e) {
            throw fault("listing the containers in " + root, e);
        }
    }

    /**
     * Releases the directory, whatever fails; closing again does nothing. An interrupt skips
     * nothing. Waits for a disk that hangs.
     *
     * <p>The mark of use goes only if every put has been acknowledged as synced or refused. It
     * stays when one is still between its link and its sync, so that the next owner syncs what it
     * finds; and when not all containers were cleared of what earlier owners had left staged.
     */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        try (Closing all = new Closing()) {
            all.then(this::joinClearing);
            all.then(this::retireAll);
            all.then(lock::close);
        } catch (IOException e) {
            throw fault("closing the store in " + root, e);
        }
    }

    private void retireAll() throws IOException {
        boolean settled = true;
        for (String id : known.keySet()) {
            // Behind a container that is being opened or set aside.
            Known reference = known.computeIfPresent(id, (any, seen) -> seen);
            DirectoryContainer container = reference == null ? null : reference.get();
            if (container != null) {
                container.retire(Fault.CLOSED);
                settled &= !container.settling();
            }
        }
        if (settled && cleared && poisoned.isEmpty()) {
            disk.delete(root.resolve(IN_USE));
        }
    }
}
