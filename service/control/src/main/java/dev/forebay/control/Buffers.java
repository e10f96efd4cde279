package dev.forebay.control;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.forebay.base.Clock;
import dev.forebay.blob.ContainerStore;
import dev.forebay.control.ControlException.Kind;
import dev.forebay.wire.BufferId;

import org.jspecify.annotations.Nullable;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The buffers there are: created, found, tagged, deleted, restored, purged, and opened for access.
 *
 * <p><b>Guarantee.</b> What a method returns from is committed. A buffer's container exists before
 * its row and is taken out of sight before its row goes, so that no row is ever without its data.
 * Of concurrent updates that presume the same version exactly one succeeds.
 *
 * <p><b>Limit.</b> A crash between container and row leaves a container that no row knows, and a
 * disk that was put back in part may leave a row without one; {@link #reconcile} reports both, and
 * nobody deletes them.
 *
 * <p>Source of the rules: section 2.9 of the wire reference. Safe for use by many threads; blocks
 * on the database. A refusal is a {@link ControlException}.
 */
public final class Buffers {
    private static final int MOST_ON_A_PAGE = 2000;
    private static final int PURGE_BATCH = 1000;
    private static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999999Z");

    private final Database database;
    private final BufferTable table;
    private final ContainerStore containers;
    private final AccessSigner signer;
    private final Clock clock;
    private final Lifetimes lifetimes;
    private final SecureRandom random = new SecureRandom();

    public Buffers(
            Database database,
            ContainerStore containers,
            AccessSigner signer,
            Clock clock,
            Lifetimes lifetimes) {
        this.database = database;
        this.table = new BufferTable(database.lockingRead());
        this.containers = containers;
        this.signer = signer;
        this.clock = clock;
        this.lifetimes = lifetimes;
    }

    private Instant now() {
        return clock.wall().truncatedTo(ChronoUnit.MICROS);
    }

    /** A new, empty buffer; without an expiry it lives as long as active ones do. */
    public Buffer create(Map<String, String> tags, Optional<Instant> expiresAt) {
        Tags.check(tags);
        Instant now = now();
        Optional<Instant> expiry = expiresAt.or(() -> lifetimes.active().map(now::plus));
        Buffer buffer =
                new Buffer(
                        BufferId.random(random), now, expiry.map(Buffers::storable), false, tags);
        containers.create(buffer.id());
        return database.write(handle -> {
            table.insert(handle, buffer);
            return buffer;
        });
    }

    /** To the microsecond, in a year of four digits: what every client and database can hold. */
    private static Instant storable(Instant time) {
        Instant whole = time.truncatedTo(ChronoUnit.MICROS);
        if (whole.isBefore(EARLIEST) || whole.isAfter(LATEST)) {
            throw new ControlException(
                    Kind.INVALID,
                    "expected an expiry between "
                            + EARLIEST
                            + " and "
                            + LATEST
                            + ", found "
                            + time);
        }
        return whole;
    }

    /** When what is deleted now ends. */
    private Instant endOfDeleted(Optional<Duration> ttl) {
        return storable(now().plus(ttl.orElse(lifetimes.softDeleted())));
    }

    /** The buffer, if it is deleted or active as asked; one that has expired is still found. */
    public Buffer get(String id, boolean softDeleted) {
        return database.read(handle ->
                        BufferId.isValid(id) ? table.find(handle, id) : Optional.<Buffer>empty())
                .filter(buffer -> buffer.softDeleted() == softDeleted)
                .orElseThrow(() -> notFound(id));
    }

    private static ControlException notFound(String id) {
        return new ControlException(Kind.NOT_FOUND, "The buffer '" + id + "' was not found");
    }

    /**
     * A page of a listing, newest first.
     *
     * @param limit at most so many; more than 2000 is 2000
     * @param continuation what an earlier page of the same listing gave
     */
    public BufferPage list(BufferFilter filter, int limit, Optional<String> continuation) {
        if (limit < 0) {
            throw new ControlException(Kind.INVALID, "Limit must be a non-negative integer.");
        }
        Position after = continuation.map(Position::decode).orElse(new Position(null, ""));
        if (limit == 0) {
            return new BufferPage(List.of(), Optional.empty());
        }
        int most = Math.min(limit, MOST_ON_A_PAGE);
        List<Buffer> found =
                database.read(
                        handle -> table.list(handle, filter, most + 1, after.micros, after.id));
        if (found.size() <= most) {
            return new BufferPage(found, Optional.empty());
        }
        Buffer last = found.get(most - 1);
        return new BufferPage(
                found.subList(0, most),
                Optional.of(
                        new Position(BufferTable.micros(last.createdAt()), last.id()).encode()));
    }

    /** Where a page ended. */
    private record Position(@Nullable Long micros, String id) {
        String encode() {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString((micros + "," + id).getBytes(UTF_8));
        }

        static Position decode(String token) {
            try {
                String text = new String(Base64.getUrlDecoder().decode(token), UTF_8);
                int comma = text.indexOf(',');
                String id = text.substring(comma + 1);
                if (!BufferId.isValid(id)) {
                    throw new IllegalArgumentException("not an ID: " + id);
                }
                return new Position(Long.parseLong(text.substring(0, Math.max(0, comma))), id);
            } catch (IllegalArgumentException e) {
                throw new ControlException(Kind.INVALID, "Invalid continuation token.", e);
            }
        }
    }

    /** How many match, without those that have expired. */
    public long count(BufferFilter filter) {
        return database.read(handle -> table.count(handle, filter, now()));
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
        return change(
                id,
                buffer -> {
                    if (buffer.softDeleted() != softDeleted) {
                        throw notFound(id);
                    }
                    if (ifMatch.isPresent()
                            && !ifMatch.get().equals("*")
                            && !ifMatch.get().equals(buffer.eTag())) {
                        throw new ControlException(Kind.PRECONDITION, "ETag does not match");
                    }
                    Optional<Instant> expiry = expiresAt.map(Buffers::storable);
                    return new Buffer(
                            id,
                            buffer.createdAt(),
                            expiry.or(buffer::expiresAt),
                            softDeleted,
                            tags);
                });
    }

    private Buffer change(String id, Function<Buffer, Buffer> change) {
        if (!BufferId.isValid(id)) {
            throw notFound(id);
        }
        return database.write(handle -> {
            Buffer changed =
                    change.apply(table.findLocked(handle, id).orElseThrow(() -> notFound(id)));
            table.update(handle, changed);
            return changed;
        });
    }

    private Buffer notExpired(Buffer buffer) {
        if (buffer.expiresAt().map(now()::isAfter).orElse(false)) {
            throw notFound(buffer.id());
        }
        return buffer;
    }

    /**
     * Deletes softly: the buffer can be restored until {@code ttl}, or what deleted ones live, has
     * passed.
     */
    public Buffer delete(String id, Optional<Duration> ttl) {
        return change(
                id,
                buffer -> {
                    if (notExpired(buffer).softDeleted()) {
                        throw new ControlException(
                                Kind.PRECONDITION, "Buffer is already soft-deleted");
                    }
                    return withState(buffer, true, Optional.of(endOfDeleted(ttl)));
                });
    }

    /** Moves the end of a deleted buffer; with a {@code ttl} of zero the next sweep removes it. */
    public Buffer purge(String id, Optional<Duration> ttl) {
        return change(
                id, buffer -> withState(needDeleted(buffer), true, Optional.of(endOfDeleted(ttl))));
    }

    /** Makes a deleted buffer an active one again. */
    public Buffer restore(String id) {
        return change(
                id,
                buffer ->
                        withState(needDeleted(buffer), false, lifetimes.active().map(now()::plus)));
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
        return updateAll(filter, false, true, Optional.of(endOfDeleted(ttl)));
    }

    /** Moves the end of all deleted ones that match; how many. */
    public int purgeAll(BufferFilter filter, Optional<Duration> ttl) {
        return updateAll(filter, true, true, Optional.of(endOfDeleted(ttl)));
    }

    /** Restores all deleted ones that match; how many. */
    public int restoreAll(BufferFilter filter) {
        return updateAll(filter, true, false, lifetimes.active().map(now()::plus));
    }

    private int updateAll(
            BufferFilter filter, boolean from, boolean to, Optional<Instant> expiresAt) {
        BufferFilter exact =
                new BufferFilter(filter.tags(), filter.excludeTags(), Optional.of(from));
        return database.write(
                handle -> table.updateAll(handle, exact, to, expiresAt.orElse(null), now()));
    }

    /**
     * A signed query for the buffer's container, for reading or also for writing; a deleted buffer
     * gives none.
     *
     * @param life 30 s to 1 h; empty: 1 h
     */
    public String access(String id, boolean writeable, Optional<Duration> life) {
        Buffer buffer = notExpired(get(id, false));
        return query(buffer.id(), writeable ? "cr" : "r", life.orElse(AccessSigner.LONGEST));
    }

    private String query(String container, String letters, Duration life) {
        try {
            return signer.query(container, letters, clock.wall(), life);
        } catch (IllegalArgumentException e) {
            throw new ControlException(Kind.INVALID, String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * Ends what has expired: active ones become deleted, deleted ones are gone with their data. How
     * many were purged.
     */
    public int sweep() {
        int purged = 0;
        int before;
        do {
            before = purged;
            Instant now = now();
            for (String id :
                    database.read(handle -> table.expiredDeleted(handle, now, PURGE_BATCH))) {
                purged += purgeIfStillDue(id) ? 1 : 0;
            }
        } while (purged > before);
        if (purged > 0) {
            containers.removeSetAside();
        }
        Instant now = now();
        database.write(
                handle -> table.softDeleteExpired(handle, now, now.plus(lifetimes.softDeleted())));
        return purged;
    }

    /**
     * Takes away a buffer unless it was given more time since it was found, or time went back. Its
     * container goes inside of the transaction, so that nobody can restore the row meanwhile; a
     * crash in it leaves a deleted row without a container, which {@link #reconcile} removes.
     */
    private boolean purgeIfStillDue(String id) {
        return database.write(handle -> {
            boolean due =
                    table.findLocked(handle, id)
                            .filter(Buffer::softDeleted)
                            .flatMap(Buffer::expiresAt)
                            .map(end -> end.isBefore(now()))
                            .orElse(false);
            if (due) {
                containers.setAside(id);
                table.remove(handle, id);
            }
            return due;
        });
    }

    /**
     * Brings rows and containers together after a start: what was set aside is removed, and a row
     * whose container was set aside by a purge that a crash cut short goes too.
     *
     * @return what does not fit together, which is left alone
     */
    public Reconciliation reconcile() {
        return Reconciliation.of(database, table, containers);
    }
}
