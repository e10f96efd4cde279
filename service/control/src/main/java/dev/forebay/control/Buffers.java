package dev.forebay.control;

import dev.forebay.base.Clock;
import dev.forebay.base.ForebayException;
import dev.forebay.blob.Container;
import dev.forebay.blob.ContainerStore;
import dev.forebay.control.ControlException.Kind;
import dev.forebay.run.RelayId;
import dev.forebay.wire.BufferId;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/**
 * Creates, finds, tags, deletes, restores and purges buffers, and gives access to them.
 *
 * <p><b>Guarantee.</b> What a method returns from is committed. A buffer's container exists before
 * its row and is taken out of sight before its row goes, so that no row is ever without its data.
 * Of concurrent updates that presume the same version exactly one succeeds.
 *
 * <p><b>Limit.</b> A crash between container and row leaves an empty container until {@link
 * #reconcile} removes it. A disk that was put back in part may leave a container with blobs and no
 * row, or a row without a container; {@code reconcile} reports both and deletes neither.
 *
 * <p>Source of the rules: section 2.9 of the wire reference. Safe for use by many threads; blocks
 * on the database. A refusal is a {@link ControlException}.
 */
public final class Buffers {
    private static final int MOST_ON_A_PAGE = 2000;

    private final Database database;
    private final BufferTable table;
    private final ContainerStore containers;
    private final AccessSigner signer;
    private final Clock clock;
    private final Expiry expiry;
    private final Sweep<Buffer> sweep;
    private final SecureRandom random = new SecureRandom();

    /**
     * IDs whose container may be there before their row: those that are being created, and those
     * whose creation failed in a way that may still bring their row.
     */
    private final Set<String> creating = ConcurrentHashMap.newKeySet();

    public Buffers(
            Database database,
            ContainerStore containers,
            AccessSigner signer,
            Clock clock,
            Lifetimes lifetimes) {
        this.database = database;
        this.table = new BufferTable(database.dialect().rowLock());
        this.containers = containers;
        this.signer = signer;
        this.clock = clock;
        this.expiry = new Expiry(clock, lifetimes);
        this.sweep = new Sweep<>(database, table, expiry, containers::setAside);
    }

    /**
     * A new, empty buffer; without an expiry it lives as long as active ones do.
     *
     * @throws ControlException {@link Kind#NO_SPACE} if the disk is full; then nothing of it is
     *     left
     */
    public Buffer create(Map<String, String> tags, Optional<Instant> expiresAt) {
        Tags.check(tags);
        Instant now = expiry.now();
        Buffer buffer =
                new Buffer(BufferId.random(random), now, expiry.ofNew(now, expiresAt), false, tags);
        creating.add(buffer.id());
        createContainer(buffer.id());
        Buffer created = insert(buffer);
        creating.remove(buffer.id());
        return created;
    }

    private void createContainer(String id) {
        try {
            containers.create(id);
        } catch (ForebayException e) {
            giveUp(id, e);
            throw e;
        }
    }

    private Buffer insert(Buffer buffer) {
        try {
            return database.write(handle -> {
                table.insert(handle, buffer);
                return buffer;
            });
        } catch (ControlException e) {
            // After another fault a crash may still bring the row back, and then it needs its data.
            if (e.kind() == Kind.NO_SPACE) {
                giveUp(buffer.id(), e);
            }
            throw e;
        }
    }

    private void giveUp(String id, ForebayException reason) {
        try {
            containers.setAside(id);
        } catch (ForebayException e) {
            reason.addSuppressed(e); // The container stays, and a reconcile removes it.
        } finally {
            creating.remove(id);
        }
    }

    /** The buffer, if it is deleted or active as asked; one that has expired is still found. */
    public Buffer get(String id, boolean softDeleted) {
        return database.read(handle ->
                        BufferId.isValid(id) ? table.find(handle, id) : Optional.<Buffer>empty())
                .filter(buffer -> buffer.softDeleted() == softDeleted)
                .orElseThrow(() -> notFound(id));
    }

    /** True if it is active and has not expired. */
    boolean isUsable(String id) {
        return BufferId.isValid(id)
                && database.read(handle -> table.find(handle, id))
                        .filter(buffer ->
                                !buffer.softDeleted() && !expiry.hasPassed(buffer.expiresAt()))
                        .isPresent();
    }

    /** Where its bytes are; a deleted one has them until it is purged. */
    Optional<Container> container(String id) {
        return BufferId.isValid(id) ? containers.open(id) : Optional.empty();
    }

    private static ControlException notFound(String id) {
        return new ControlException(Kind.NOT_FOUND, "The buffer '%s' was not found".formatted(id));
    }

    /**
     * A page of a listing, newest first.
     *
     * @param limit how many buffers at most; more than 2000 counts as 2000
     * @param continuation what an earlier page of the same listing gave
     */
    public BufferPage list(BufferFilter filter, int limit, Optional<String> continuation) {
        if (limit < 0) {
            throw new ControlException(Kind.INVALID, "Limit must be a non-negative integer.");
        }
        Cursor before = continuation.map(Cursor::decode).orElse(Cursor.START);
        if (limit == 0) {
            return new BufferPage(List.of(), Optional.empty());
        }
        int most = Math.min(limit, MOST_ON_A_PAGE);
        List<Buffer> found = found(filter, before, most + 1);
        if (found.size() <= most) {
            return new BufferPage(found, Optional.empty());
        }
        Buffer last = found.get(most - 1);
        return new BufferPage(
                found.subList(0, most),
                Optional.of(Cursor.after(last.createdAt(), last.id()).encode()));
    }

    private List<Buffer> found(BufferFilter filter, Cursor before, int limit) {
        return database.read(handle -> {
            List<List<Buffer>> found =
                    filter.states().stream()
                            .map(deleted ->
                                    table.list(handle, filter.tagFilter(), deleted, before, limit))
                            .toList();
            return found.size() == 1 ? found.getFirst() : merged(found, limit);
        });
    }

    /** A buffer whose state changes in between may be in both lists. */
    private static List<Buffer> merged(List<List<Buffer>> lists, int limit) {
        Comparator<Buffer> age =
                Comparator.comparing(Buffer::createdAt).thenComparing(Buffer::id).reversed();
        Set<String> seen = new HashSet<>();
        return lists.stream()
                .flatMap(List::stream)
                .filter(buffer -> seen.add(buffer.id()))
                .sorted(age)
                .limit(limit)
                .toList();
    }

    /** How many match, without those that have expired. */
    public long count(BufferFilter filter) {
        return database.read(handle -> {
            long count = 0;
            for (boolean deleted : filter.states()) {
                count += table.count(handle, filter.tagFilter(), deleted, expiry.now());
            }
            return count;
        });
    }

    /**
     * Replaces all tags, and the expiry if one is given.
     *
     * @param ifMatch the version that is presumed; empty or {@code *}: any
     */
    public Buffer update(
            String id,
            boolean softDeleted,
            Optional<String> ifMatch,
            Map<String, String> tags,
            Optional<Instant> expiresAt) {
        Tags.check(tags);
        requireValid(id);
        return database.write(handle ->
                change(
                        handle,
                        id,
                        buffer -> {
                            if (buffer.softDeleted() != softDeleted) {
                                throw notFound(id);
                            }
                            ETag.check(ifMatch, buffer.eTag());
                            return new Buffer(
                                    id,
                                    buffer.createdAt(),
                                    expiresAt.map(Expiry::storable).or(buffer::expiresAt),
                                    softDeleted,
                                    tags);
                        }));
    }

    private static void requireValid(String id) {
        if (!BufferId.isValid(id)) {
            throw notFound(id);
        }
    }

    private Buffer change(Handle handle, String id, Function<Buffer, Buffer> change) {
        Buffer found = table.findLocked(handle, id).orElseThrow(() -> notFound(id));
        Buffer changed = change.apply(found);
        table.update(handle, found, changed);
        return changed;
    }

    private Buffer notExpired(Buffer buffer) {
        if (expiry.hasPassed(buffer.expiresAt())) {
            throw notFound(buffer.id());
        }
        return buffer;
    }

    /**
     * Deletes softly: the buffer can be restored until {@code ttl}, or the lifetime of deleted
     * ones, has passed.
     */
    public Buffer delete(String id, Optional<Duration> ttl) {
        requireValid(id);
        return database.makeRoom(handle ->
                change(
                        handle,
                        id,
                        buffer -> {
                            if (notExpired(buffer).softDeleted()) {
                                throw new ControlException(
                                        Kind.PRECONDITION, "Buffer is already soft-deleted");
                            }
                            return withState(buffer, true, Optional.of(expiry.ofDeleted(ttl)));
                        }));
    }

    /** Moves the end of a deleted buffer; with a {@code ttl} of zero the next sweep removes it. */
    public Buffer purge(String id, Optional<Duration> ttl) {
        requireValid(id);
        return database.makeRoom(handle ->
                change(
                        handle,
                        id,
                        buffer ->
                                withState(
                                        needDeleted(buffer),
                                        true,
                                        Optional.of(expiry.ofDeleted(ttl)))));
    }

    /** Makes a deleted buffer an active one again. */
    public Buffer restore(String id) {
        requireValid(id);
        return database.write(handle ->
                change(
                        handle,
                        id,
                        buffer -> withState(needDeleted(buffer), false, expiry.ofRestored())));
    }

    private Buffer needDeleted(Buffer buffer) {
        if (!notExpired(buffer).softDeleted()) {
            throw new ControlException(Kind.PRECONDITION, "Buffer is not soft-deleted");
        }
        return buffer;
    }

    private static Buffer withState(
            Buffer buffer, boolean softDeleted, Optional<Instant> expiresAt) {
        return new Buffer(buffer.id(), buffer.createdAt(), expiresAt, softDeleted, buffer.tags());
    }

    /** Deletes all active ones that match; how many. */
    public int deleteAll(BufferFilter filter, Optional<Duration> ttl) {
        Instant end = expiry.ofDeleted(ttl);
        return database.makeRoom(handle ->
                table.setStateOfAll(handle, filter.tagFilter(), false, true, end, expiry.now()));
    }

    /** Moves the end of all deleted ones that match; how many. */
    public int purgeAll(BufferFilter filter, Optional<Duration> ttl) {
        Instant end = expiry.ofDeleted(ttl);
        return database.makeRoom(handle ->
                table.setStateOfAll(handle, filter.tagFilter(), true, true, end, expiry.now()));
    }

    /** Restores all deleted ones that match; how many. */
    public int restoreAll(BufferFilter filter) {
        Instant end = expiry.ofRestored().orElse(null);
        return database.write(handle ->
                table.setStateOfAll(handle, filter.tagFilter(), true, false, end, expiry.now()));
    }

    /**
     * A signed query for the buffer's container, for reading or also for writing; a deleted buffer
     * gives none.
     *
     * @param life 30 s to 1 h; empty: 1 h
     */
    public String access(String id, boolean writeable, Optional<Duration> life) {
        return signed(notExpired(get(id, false)).id(), writeable, life);
    }

    /** The same for an ephemeral buffer, of which only its run knows whether it is there. */
    public String access(RelayId id, boolean writeable, Optional<Duration> life) {
        return signed(id.text(), writeable, life);
    }

    private String signed(String id, boolean writeable, Optional<Duration> life) {
        try {
            return signer.query(
                    id, writeable ? "cr" : "r", clock.wall(), life.orElse(AccessSigner.LONGEST));
        } catch (IllegalArgumentException e) {
            throw new ControlException(Kind.INVALID, String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * Ends what has expired: active ones become deleted, deleted ones are gone with their data.
     *
     * @param ending asked again and again; if true, the rest is left to the next sweep
     * @return how many were purged
     */
    public int sweep(BooleanSupplier ending) {
        int purged = sweep.run(ending);
        containers.removeSetAside(ending);
        return purged;
    }

    /** The same, to the end. */
    public int sweep() {
        return sweep(() -> false);
    }

    /**
     * Brings rows and containers together after a start, while the catalogue is in use: what was
     * set aside is removed, and a row whose container was set aside by a purge that a crash cut
     * short goes too. Reads every row and lists every container.
     *
     * @return what does not fit together, which is left alone
     */
    public Reconciliation reconcile() {
        return reconcile(() -> false).orElseThrow();
    }

    private Optional<Reconciliation> reconcile(BooleanSupplier ending) {
        return Reconciliation.of(database, table, containers, creating::contains, ending);
    }

    /**
     * The same on a thread of its own, so that a start need not wait for it.
     *
     * @param failed takes what ended it, if anything did
     * @return to be closed before the database and the containers
     */
    public BackgroundReconciliation reconcileBehind(
            Consumer<? super Reconciliation> found, Consumer<? super Throwable> failed) {
        return new BackgroundReconciliation(this::reconcile, found, failed);
    }
}
