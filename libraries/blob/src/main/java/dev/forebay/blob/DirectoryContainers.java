package dev.forebay.blob;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.NoSpaceException;
import dev.forebay.blob.ContainerException.Fault;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Containers as folders of one local directory.
 *
 * <p><b>Guarantee.</b> Everything acknowledged, "exists" answers and reads included, is {@link
 * dev.forebay.base.Durability#SYNCED}: it survives a power cut after any call. A crash leaves no
 * state in which a retry of the same request fails. One process owns the directory at a time; after
 * an unclean stop everything found is synced before the store opens.
 *
 * <p><b>Limit.</b> As far as the device keeps its word on a flush, and on file systems with atomic
 * hard links. A container that met a failed sync takes no puts until the store is reopened.
 *
 * <p>Safe for use by many threads; blocks on files.
 */
public final class DirectoryContainers implements ContainerStore {
    private static final String LOCK = "=lock";
    private static final String IN_USE = "=in-use";
    private static final String REMOVED = "=removed-";

    private final Disk disk;
    private final Clock clock;
    private final Path root;
    private final Disk.AutoCloseableLock lock;
    private final SharedSync rootSync;

    /**
     * Open containers; one that nobody uses is forgotten, unless it is poisoned, which must be
     * remembered.
     */
    private final ConcurrentMap<String, WeakReference<DirectoryContainer>> known =
            new ConcurrentHashMap<>();

    private final ConcurrentMap<String, DirectoryContainer> poisoned = new ConcurrentHashMap<>();
    private volatile boolean closed;

    private DirectoryContainers(Disk disk, Clock clock, Path root, Disk.AutoCloseableLock lock) {
        this.disk = disk;
        this.clock = clock;
        this.root = root;
        this.lock = lock;
        this.rootSync = new SharedSync(disk, root);
    }

    /**
     * Opens the store in {@code root}, which is made if its parent exists.
     *
     * @throws dev.forebay.base.LockedException if another process has it open; the message names
     *     its process id
     */
    public static DirectoryContainers open(Disk disk, Clock clock, Path root) throws IOException {
        if (disk.stat(root).isEmpty()) {
            disk.createDirectory(root);
            disk.syncDirectory(Optional.ofNullable(root.toAbsolutePath().getParent()).orElse(root));
        }
        Disk.AutoCloseableLock lock = disk.lock(root.resolve(LOCK));
        try {
            Path inUse = root.resolve(IN_USE);
            if (disk.stat(inUse).isPresent()) {
                // The last owner did not close. What it wrote may be seen now and yet not be
                // durable.
                disk.syncAll(root);
            } else {
                disk.open(inUse, Disk.Access.CREATE).close();
                disk.syncDirectory(root);
            }
            return new DirectoryContainers(disk, clock, root, lock);
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private Path pathOf(String id) {
        if (!ContainerStore.isValidId(id)) {
            throw new ContainerException(
                    Fault.BAD_REQUEST,
                    "illegal container name; expected 3 to 63 ASCII letters and digits");
        }
        if (closed) {
            throw new ContainerException(Fault.CLOSED, "the store in " + root + " was closed");
        }
        return root.resolve(id);
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
        WeakReference<DirectoryContainer> reference = known.get(id);
        DirectoryContainer container = reference == null ? null : reference.get();
        if (container != null) {
            return Optional.of(container);
        }
        try {
            if (disk.stat(path).isEmpty()) {
                return Optional.empty();
            }
            known.values().removeIf(seen -> seen.refersTo(null));
            DirectoryContainer[] opened = new DirectoryContainer[1];
            known.compute(
                    id,
                    (any, seen) -> {
                        opened[0] = seen == null ? null : seen.get();
                        if (opened[0] != null) {
                            return seen;
                        }
                        opened[0] = openContainer(id, path);
                        return opened[0] == null ? null : new WeakReference<>(opened[0]);
                    });
            return Optional.ofNullable(opened[0]);
        } catch (IOException e) {
            throw fault("opening container " + id, e);
        }
    }

    private @Nullable DirectoryContainer openContainer(String id, Path path) {
        try {
            return disk.stat(path).isEmpty()
                    ? null
                    : new DirectoryContainer(disk, clock, path, broken -> poisoned.put(id, broken));
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
            disk.rename(path, root.resolve(REMOVED + UUID.randomUUID() + "-" + id));
            return true;
        } catch (IOException e) {
            throw fault("setting container " + id + " aside", e);
        }
    }

    @Override
    public void removeSetAside() {
        try {
            for (Path path : disk.list(root)) {
                if (String.valueOf(path.getFileName()).startsWith(REMOVED)) {
                    deleteTree(path);
                }
            }
        } catch (IOException e) {
            throw fault("removing what was set aside in " + root, e);
        }
    }

    private void deleteTree(Path path) throws IOException {
        if (disk.stat(path).map(Disk.Entry::directory).orElse(false)) {
            for (Path child : disk.list(path)) {
                deleteTree(child);
            }
        }
        disk.delete(path);
    }

    @Override
    public List<String> list() {
        try {
            return disk.list(root).stream()
                    .map(path -> String.valueOf(path.getFileName()))
                    .filter(ContainerStore::isValidId)
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw fault("listing the containers in " + root, e);
        }
    }

    /**
     * The mark of use goes only if every put has been acknowledged as synced or refused. It stays
     * when one is still between its link and its sync, so that the next owner syncs what it finds.
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        boolean settled = true;
        for (WeakReference<DirectoryContainer> reference : known.values()) {
            DirectoryContainer container = reference.get();
            if (container != null) {
                container.retire(Fault.CLOSED);
                settled &= !container.settling();
            }
        }
        try {
            if (settled && poisoned.isEmpty()) {
                disk.delete(root.resolve(IN_USE));
            }
            lock.close();
        } catch (IOException e) {
            throw fault("closing the store in " + root, e);
        }
    }
}
