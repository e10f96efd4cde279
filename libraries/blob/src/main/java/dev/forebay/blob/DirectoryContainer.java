package dev.forebay.blob;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.base.NoSpaceException;
import dev.forebay.blob.ContainerException.Fault;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A directory as a container: a folder for each segment of a name but the last, and one file for
 * each blob.
 *
 * <p>A put writes aside, syncs the file, links it into place without replacing, and syncs the
 * directory; a new directory has its parent synced first. Blobs that are put together share the
 * file, see {@link BatchFile}, and its syncs. Between link and directory sync a name is
 * <em>settling</em>: a reader or writer that meets it then waits for the sync, see {@link
 * SettlingNames}. If that sync fails the container is poisoned: the name stays hidden and no more
 * puts are taken until the store is reopened, which syncs everything it finds before it serves
 * anything.
 *
 * <p>No put is ended by an interrupt, which no call of {@link Disk} is.
 *
 * <p>File names end in {@code =} and work files begin with it; neither can be the name of a blob or
 * of a segment.
 */
final class DirectoryContainer implements Container {
    static final String FILE_SUFFIX = "=";

    private final Disk disk;
    private final Clock clock;
    private final Path root;
    private final Consumer<DirectoryContainer> onPoison;
    private final long largestBlob;
    private final Staging staging;
    private final Waiters waiters;

    private final DurableDirectories directories;
    private final SettlingNames settling;

    private volatile @Nullable Fault gone;
    private volatile @Nullable IOException poison;

    /** What was left in the staging folder has been thrown away before. */
    DirectoryContainer(
            Disk disk,
            Clock clock,
            Path root,
            long largestBlob,
            Consumer<DirectoryContainer> onPoison)
            throws IOException {
        this.disk = disk;
        this.clock = clock;
        this.root = root;
        this.largestBlob = largestBlob;
        this.onPoison = onPoison;
        this.waiters = new Waiters(clock);
        this.staging = Staging.of(disk, root);
        this.directories = new DurableDirectories(disk, root, this::poison);
        this.settling = new SettlingNames(this, disk, directories, waiters);
    }

    /** From now on every use fails for {@code reason}, and all waiters wake and fail. */
    void retire(Fault reason) {
        gone = reason;
        waiters.announceAll();
    }

    /**
     * Whether a name may be linked and not synced. Asked after {@link #retire} a "no" is final: a
     * put looks once more whether it may go on after it has listed its name.
     */
    boolean settling() {
        return settling.any();
    }

    /** From now on no put is taken; names that were linked and not synced stay hidden. */
    void poison(IOException failure) {
        poison = failure;
        onPoison.accept(this);
    }

    boolean isThere() {
        return gone == null;
    }

    void checkThere() {
        Fault reason = gone;
        if (reason != null) {
            throw new ContainerException(
                    reason,
                    reason == Fault.CLOSED
                            ? "the store of container " + root.getFileName() + " was closed"
                            : "there is no container " + root.getFileName());
        }
    }

    void checkTakesPuts() {
        checkThere();
        checkNotPoisoned();
    }

    void checkNotPoisoned() {
        IOException failure = poison;
        if (failure != null) {
            throw new ContainerException(
                    Fault.POISONED,
                    "a sync in container "
                            + root.getFileName()
                            + " failed earlier; it takes no more puts until the store is reopened",
                    failure);
        }
    }

    /** The path of the blob's file. */
    Path pathOf(BlobName name) {
        return root.resolve(name.text() + FILE_SUFFIX);
    }

    /**
     * The fault of the file system as one of the container; what was set aside meanwhile is
     * missing, not broken.
     */
    ContainerException fault(String doing, IOException e) {
        checkThere();
        return faultOf(doing, e);
    }

    /** The same where it does not matter whether the container is still there. */
    static ContainerException faultOf(String doing, IOException e) {
        return switch (e) {
            case NoSpaceException full ->
                    new ContainerException(Fault.NO_SPACE, doing + ": " + full.getMessage(), full);
            default ->
                    new ContainerException(Fault.FAILED, doing + " failed: " + e.getMessage(), e);
        };
    }

    @Override
    public StagedBlob stage(BlobName name) {
        checkTakesPuts();
        try {
            Path path = staging.next();
            DiskFile file = disk.open(path, Disk.Access.CREATE);
            return new StagedFile(this, name, path, file, largestBlob);
        } catch (IOException e) {
            throw fault("staging blob " + name, e);
        }
    }

    @Override
    public int mostAtOnce() {
        return SmallBlob.MOST;
    }

    @Override
    public List<PutResult> putAll(List<SmallBlob> blobs) {
        checkTakesPuts();
        SmallBlob.check(blobs, largestBlob);
        try {
            return new StagedBatch(this, disk, staging.next(), blobs).commit();
        } catch (IOException e) {
            checkNotPoisoned();
            throw fault("putting blob " + blobs.getFirst().name() + " and others", e);
        }
    }

    @Override
    public Optional<BlobInfo> head(BlobName name) {
        try (OpenBlob blob = openSettled(name)) {
            return Optional.ofNullable(blob).map(OpenBlob::info);
        }
    }

    @Override
    public Lookup get(BlobName name, Wait wait) {
        if (!wait.atMost().isPositive()) {
            OpenBlob found = openSettled(name);
            return found != null ? new Lookup.Found(found) : new Lookup.Absent(false);
        }
        long deadline = clock.deadline(wait.atMost());
        BlobName[] names =
                wait.orUntil()
                        .map(other -> new BlobName[] {name, other})
                        .orElse(new BlobName[] {name});
        Waiters.Waiter waiter = waiters.enlist(names);
        try {
            while (true) {
                OpenBlob found = openSettled(name);
                if (found != null) {
                    return new Lookup.Found(found);
                }
                if (wait.orUntil().isPresent() && exists(wait.orUntil().get())) {
                    // The blob may have come right before the one that ends the wait.
                    OpenBlob late = openSettled(name);
                    return late != null ? new Lookup.Found(late) : new Lookup.Absent(true);
                }
                if (!waiter.await(deadline)) {
                    return new Lookup.Absent(true);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ContainerException(
                    Fault.CLOSED, "interrupted while waiting for blob " + name, e);
        } finally {
            waiters.dismiss(waiter);
        }
    }

    private boolean exists(BlobName name) {
        return entry(name).isPresent();
    }

    /** What stands at the name, once it is settled; empty if nothing does or it never will be. */
    private Optional<Disk.Entry> entry(BlobName name) {
        try {
            return disk.stat(pathOf(name)).filter(found -> settling.settled(name));
        } catch (IOException e) {
            throw fault("looking for blob " + name, e);
        }
    }

    /**
     * Refuses, without opening it, what cannot be a blob: a pipe would hold the call for ever. Such
     * a thing has no size.
     */
    private static void checkIsFile(Path path, Disk.Entry entry) {
        if (entry.directory()) {
            throw BlobFile.damaged(path, 0, "the file of a blob", "a directory");
        }
        if (entry.size() < BlobFile.FOOTER) {
            throw BlobFile.damaged(
                    path,
                    0,
                    "at least %d bytes".formatted(BlobFile.FOOTER),
                    "%d in all; it was cut, or is a pipe or a device".formatted(entry.size()));
        }
    }

    /**
     * Opens the blob if it is there and settled. Files that cannot be there cost one look and no
     * open.
     */
    private @Nullable OpenBlob openSettled(BlobName name) {
        checkThere();
        Optional<Disk.Entry> entry = entry(name);
        if (entry.isEmpty()) {
            checkThere();
            return null;
        }
        Path path = pathOf(name);
        checkIsFile(path, entry.get());
        DiskFile file = null;
        boolean handedOver = false;
        try {
            file = disk.open(path, Disk.Access.READ);
            FileEnd place = BatchFile.blobFile(name, new FileEnd(file, path, 0, file.size()));
            OpenBlob blob = new DirectoryBlob(BlobFile.read(name, place), file, place.from());
            handedOver = true;
            return blob;
        } catch (NoSuchFileException e) {
            checkThere();
            return null;
        } catch (IOException e) {
            throw fault("opening blob " + name, e);
        } finally {
            if (file != null && !handedOver) {
                closeQuietlyAfterFailure(file);
            }
        }
    }

    private static void closeQuietlyAfterFailure(DiskFile file) {
        try {
            file.close();
        } catch (IOException e) {
            System.getLogger(DirectoryContainer.class.getName())
                    .log(
                            System.Logger.Level.WARNING,
                            "closing a file after a failure failed too",
                            e);
        }
    }

    /** The time that a blob has, which it gets when all its bytes came. */
    Instant now() {
        return clock.wall();
    }

    /** Deletes a staged file, unless the container with all its files is going anyway. */
    void discard(Path staged) throws IOException {
        try {
            if (gone == null) {
                disk.delete(staged);
            }
        } catch (IOException e) {
            // A container that is gone takes its files along or leaves them to the next owner.
            if (gone == null) {
                throw e;
            }
        }
    }

    /** Links {@code staged} to each of {@code names} that is free, syncs, and says which were. */
    Set<BlobName> settle(Set<BlobName> names, Path staged) throws IOException {
        return settling.settle(names, staged);
    }
}
