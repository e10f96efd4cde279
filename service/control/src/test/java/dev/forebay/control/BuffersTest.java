package dev.forebay.control;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.DirectoryContainers;
import dev.forebay.control.ControlException.Kind;
import dev.forebay.testkit.ManualClock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The catalogue on SQLite; {@link PostgresBuffersTest} runs the same on PostgreSQL. */
class BuffersTest {
    private static final BufferFilter ACTIVE = BufferFilter.all(false);
    private static final BufferFilter DELETED = BufferFilter.all(true);

    @TempDir Path temp;
    final ManualClock clock = new ManualClock();
    private Database database;
    private DirectoryContainers containers;
    private Buffers buffers;

    Database openDatabase() throws IOException {
        return Database.sqlite(temp.resolve("catalog.db"));
    }

    @BeforeEach
    void open() throws IOException {
        database = openDatabase();
        containers =
                DirectoryContainers.open(Disk.system(), Clock.system(), temp.resolve("containers"));
        buffers =
                new Buffers(
                        database, containers, AccessSigner.ephemeral(), clock, Lifetimes.DEFAULT);
    }

    @AfterEach
    void close() {
        containers.close();
        database.close();
    }

    private Buffer create(String... tags) {
        clock.advance(Duration.ofSeconds(1));
        return buffers.create(tags(tags), Optional.empty());
    }

    private static Map<String, String> tags(String... pairs) {
        Map<String, String> tags = new HashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            tags.put(pairs[i], pairs[i + 1]);
        }
        return tags;
    }

    private static void assertRefused(Kind kind, String message, ThrowingCallable call) {
        assertThatThrownBy(call)
                .hasMessageContaining(message)
                .isInstanceOfSatisfying(
                        ControlException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }

    private static List<String> ids(List<Buffer> buffers) {
        return buffers.stream().map(Buffer::id).toList();
    }

    @Test
    void whatWasCreatedIsFoundWithTheSameVersion() {
        Buffer created = create("a", "b", "A", "c");
        assertThat(created.id()).matches("[a-z2-7]{26}");
        assertThat(buffers.get(created.id(), false)).isEqualTo(created);
        assertThat(buffers.get(created.id(), false).eTag()).isEqualTo(created.eTag());
        assertThat(buffers.list(ACTIVE, 20, Optional.empty()).buffers()).containsExactly(created);
        assertThat(containers.open(created.id())).isPresent();
        assertRefused(Kind.NOT_FOUND, "was not found", () -> buffers.get("nope", false));
    }

    @Test
    void layoutIsKeptUntilItsBufferIsPurged() throws IOException {
        BufferLayouts layouts = new BufferLayouts(database);
        String id = create().id();
        assertThat(layouts.find(id)).isEmpty();
        layouts.keep(id, new byte[] {1, 2, 3});
        layouts.keep(id, new byte[] {0, -1});
        assertThat(layouts.find(id)).contains(new byte[] {0, -1});
        layouts.keep("nosuchbuffer", new byte[] {4});
        assertThat(layouts.find("nosuchbuffer")).isEmpty();
        String other = create().id();
        layouts.keep(other, new byte[64 << 10]);
        buffers.delete(id, Optional.of(Duration.ZERO));
        assertThat(layouts.find(id)).isPresent(); // It can still be restored.
        clock.advance(Duration.ofSeconds(1));
        assertThat(buffers.sweep()).isEqualTo(1);
        assertThat(layouts.find(id)).isEmpty();
        assertThat(layouts.find(other)).contains(new byte[64 << 10]);
    }

    @Test
    void listingPagesThroughAllOnceNewestFirst() {
        List<String> made = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            made.addFirst(create("n", Integer.toString(i)).id());
        }
        List<String> seen = new ArrayList<>();
        Optional<String> continuation = Optional.empty();
        do {
            BufferPage page = buffers.list(ACTIVE, 7, continuation);
            seen.addAll(ids(page.buffers()));
            continuation = page.continuation();
            create("later", "x"); // What comes meanwhile is newer and disturbs nothing.
        } while (continuation.isPresent());
        assertThat(seen).isEqualTo(made);
        assertThat(buffers.list(ACTIVE, 0, Optional.empty()).buffers()).isEmpty();
        assertThat(buffers.list(ACTIVE, 3000, Optional.empty()).continuation()).isEmpty();
        assertRefused(
                Kind.INVALID,
                "Limit must be a non-negative integer.",
                () -> buffers.list(ACTIVE, -1, Optional.empty()));
        assertRefused(
                Kind.INVALID,
                "Invalid continuation token.",
                () -> buffers.list(ACTIVE, 1, Optional.of("!?")));
    }

    @Test
    void tagsMustAllMatchAndAnyExclusionExcludes() {
        Buffer ab = create("a", "1", "b", "1");
        Buffer a = create("a", "1");
        create("b", "1");
        BufferFilter both =
                new BufferFilter(Map.of("a", "1", "b", "1"), Map.of(), Optional.of(false));
        BufferFilter notB =
                new BufferFilter(Map.of("a", "1"), Map.of("b", "1", "c", "x"), Optional.of(false));
        BufferFilter upper = new BufferFilter(Map.of("A", "1"), Map.of(), Optional.of(false));
        assertThat(ids(buffers.list(both, 20, Optional.empty()).buffers()))
                .containsExactly(ab.id());
        assertThat(ids(buffers.list(notB, 20, Optional.empty()).buffers())).containsExactly(a.id());
        assertThat(buffers.list(upper, 20, Optional.empty()).buffers()).isEmpty();
        assertThat(buffers.count(both)).isEqualTo(1);
        assertThat(buffers.count(new BufferFilter(Map.of(), Map.of(), Optional.empty())))
                .isEqualTo(3);
    }

    @Test
    void keysOfTagsAndTimesOfCreationSelect() {
        Buffer old = create("a", "1");
        clock.advance(Duration.ofSeconds(10));
        Buffer middle = create("a", "2", "b", "1");
        clock.advance(Duration.ofSeconds(10));
        Buffer late = create("a", "3");
        create("b", "2");
        assertThat(found(Set.of("a"), TimeRange.ALL))
                .containsExactlyInAnyOrder(old.id(), middle.id(), late.id());
        assertThat(found(Set.of("a", "b"), TimeRange.ALL)).containsExactly(middle.id());
        assertThat(found(Set.of("A"), TimeRange.ALL)).isEmpty();
        assertThat(found(Set.of("\u0000"), TimeRange.ALL)).isEmpty();
        Optional<Instant> first = Optional.of(old.createdAt());
        Optional<Instant> last = Optional.of(late.createdAt());
        assertThat(found(Set.of("a"), new TimeRange(first, Optional.empty())))
                .containsExactly(late.id(), middle.id());
        assertThat(found(Set.of("a"), new TimeRange(Optional.empty(), last)))
                .containsExactly(middle.id(), old.id());
        assertThat(found(Set.of(), new TimeRange(first, last))).containsExactly(middle.id());
    }

    /** The pages of two, which must be as many as are counted. */
    private List<String> found(Set<String> keys, TimeRange created) {
        BufferFilter filter =
                new BufferFilter(Map.of(), Map.of(), Optional.of(false), keys, created);
        List<String> seen = new ArrayList<>();
        Optional<String> next = Optional.empty();
        do {
            BufferPage page = buffers.list(filter, 2, next);
            seen.addAll(ids(page.buffers()));
            next = page.continuation();
        } while (next.isPresent());
        assertThat(buffers.count(filter)).isEqualTo(seen.size());
        return seen;
    }

    @Test
    void badTagsAreRefusedAndNothingIsCreated() {
        assertRefused(Kind.INVALID, "Tag keys must contain up to 128", () -> create("a b", "1"));
        assertRefused(
                Kind.INVALID,
                "Tag keys must contain up to 128",
                () -> create("k".repeat(129), "1"));
        assertRefused(
                Kind.INVALID,
                "Tag values can contain up to 256",
                () -> create("a", "v".repeat(257)));
        Map<String, String> many = new HashMap<>();
        for (int i = 0; i <= 100; i++) {
            many.put("k" + i, "");
        }
        assertRefused(
                Kind.INVALID,
                "No more than 100 tags",
                () -> buffers.create(many, Optional.empty()));
        assertThat(containers.list()).isEmpty();
        assertThat(buffers.count(ACTIVE)).isZero();
    }

    @Test
    void ofManyUpdatesOfOneVersionExactlyOneSucceeds() throws Exception {
        Buffer buffer = create("n", "start");
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> updates = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                Map<String, String> tags = Map.of("n", "v" + i);
                updates.add(threads.submit(() -> updated(buffer, tags)));
            }
            int won = 0;
            for (Future<Boolean> update : updates) {
                won += update.get() ? 1 : 0;
            }
            assertThat(won).isEqualTo(1);
        }
    }

    private boolean updated(Buffer buffer, Map<String, String> tags) {
        try {
            buffers.update(buffer.id(), false, Optional.of(buffer.eTag()), tags, Optional.empty());
            return true;
        } catch (ControlException e) {
            assertThat(e).hasMessage("ETag does not match");
            return false;
        }
    }

    @Test
    void theVersionChangesWithTagsExpiryAndDeletionAndWithNothingElse() {
        Buffer first = create("a", "1");
        Buffer same =
                buffers.update(
                        first.id(), false, Optional.of("*"), Map.of("a", "1"), Optional.empty());
        assertThat(same.eTag()).isEqualTo(first.eTag());
        Buffer tagged =
                buffers.update(
                        first.id(), false, Optional.empty(), Map.of("a", "2"), Optional.empty());
        Buffer dated =
                buffers.update(
                        first.id(),
                        false,
                        Optional.empty(),
                        Map.of("a", "2"),
                        Optional.of(clock.wall().plusSeconds(9)));
        Buffer deleted = buffers.delete(first.id(), Optional.empty());
        assertThat(Set.of(first.eTag(), tagged.eTag(), dated.eTag(), deleted.eTag())).hasSize(4);
    }

    @Test
    void theStatesOfDeletionFollowTheReference() {
        Buffer buffer = create();
        assertRefused(
                Kind.PRECONDITION,
                "Buffer is not soft-deleted",
                () -> buffers.restore(buffer.id()));
        assertRefused(
                Kind.PRECONDITION,
                "Buffer is not soft-deleted",
                () -> buffers.purge(buffer.id(), Optional.empty()));
        Buffer deleted = buffers.delete(buffer.id(), Optional.empty());
        assertThat(deleted.expiresAt()).contains(clock.wall().plus(Duration.ofDays(1)));
        assertRefused(
                Kind.PRECONDITION,
                "Buffer is already soft-deleted",
                () -> buffers.delete(buffer.id(), Optional.empty()));
        assertRefused(Kind.NOT_FOUND, "was not found", () -> buffers.get(buffer.id(), false));
        assertThat(buffers.get(buffer.id(), true)).isEqualTo(deleted);
        assertThat(buffers.restore(buffer.id()).expiresAt()).isEmpty();
        assertThat(buffers.get(buffer.id(), false).eTag()).isEqualTo(buffer.eTag());
    }

    @Test
    void bulkDeletionHonoursTagsAndExclusions() {
        Buffer kept = create("t", "1", "keep", "1");
        Buffer gone = create("t", "1");
        create("other", "1");
        BufferFilter filter =
                new BufferFilter(Map.of("t", "1"), Map.of("keep", "1"), Optional.empty());
        assertThat(buffers.deleteAll(filter, Optional.empty())).isEqualTo(1);
        assertThat(ids(buffers.list(DELETED, 20, Optional.empty()).buffers()))
                .containsExactly(gone.id());
        assertThat(buffers.get(kept.id(), false).softDeleted()).isFalse();
        assertThat(buffers.restoreAll(filter)).isEqualTo(1);
        assertThat(buffers.count(ACTIVE)).isEqualTo(3);
    }

    @Test
    void theSweeperDeletesWhatHasExpiredAndThenRemovesItWithItsData() {
        Buffer buffer = buffers.create(Map.of("a", "1"), Optional.of(clock.wall().plusSeconds(60)));
        buffers.sweep();
        assertThat(buffers.get(buffer.id(), false)).isNotNull();
        clock.advance(Duration.ofSeconds(61));
        buffers.sweep();
        assertThat(buffers.get(buffer.id(), true).softDeleted()).isTrue();
        buffers.purge(buffer.id(), Optional.of(Duration.ZERO));
        clock.advance(Duration.ofSeconds(1));
        assertThat(buffers.sweep()).isEqualTo(1);
        assertRefused(Kind.NOT_FOUND, "was not found", () -> buffers.get(buffer.id(), true));
        assertThat(containers.list()).isEmpty();
    }

    /** As a server leaves it that is killed while it creates a buffer. */
    @Test
    void anEmptyContainerWithoutABufferIsRemoved() {
        Buffer buffer = create();
        containers.create("orphan");
        assertThat(buffers.reconcile()).isEqualTo(new Reconciliation(List.of(), List.of()));
        assertThat(containers.list()).containsExactly(buffer.id());
    }

    @Test
    void anOrphanContainerIsReportedAndLeftAlone() {
        Buffer buffer = create();
        containers.create("orphan");
        containers
                .open("orphan")
                .orElseThrow()
                .put(new BlobName("a/b"), ByteBuffer.allocate(1), null, Map.of());
        assertThat(buffers.reconcile()).isEqualTo(new Reconciliation(List.of("orphan"), List.of()));
        assertThat(containers.list()).containsExactlyInAnyOrder("orphan", buffer.id());
    }

    @Test
    void aPurgeThatACrashCutShortIsFinished() {
        Buffer buffer = create();
        buffers.delete(buffer.id(), Optional.empty());
        containers.setAside(buffer.id()); // And then the power went, before the row did.
        assertThat(buffers.reconcile()).isEqualTo(new Reconciliation(List.of(), List.of()));
        assertRefused(Kind.NOT_FOUND, "was not found", () -> buffers.get(buffer.id(), true));
    }

    @Test
    void anActiveBufferWhoseContainerIsMissingIsReportedAndLeftAlone() {
        Buffer whole = create();
        Buffer lost = create();
        containers.setAside(lost.id());
        assertThat(buffers.reconcile())
                .isEqualTo(new Reconciliation(List.of(), List.of(lost.id())));
        assertThat(buffers.get(lost.id(), false)).isEqualTo(lost);
        assertThat(containers.list()).containsExactly(whole.id());
    }

    @Test
    void whatCannotBeAnIdOrATagIsNotFoundAndMatchesNothing() {
        Buffer there = create("a", "1");
        for (String strange : List.of("\0", "a\0b", "\ud800", "\u00e4", "' or 1 = 1 --", "x y")) {
            assertRefused(Kind.NOT_FOUND, "not found", () -> buffers.get(strange, false));
            assertRefused(Kind.NOT_FOUND, "not found", () -> buffers.restore(strange));
            for (Map<String, String> tags : List.of(Map.of(strange, "1"), Map.of("a", strange))) {
                BufferFilter only = new BufferFilter(tags, Map.of(), Optional.of(false));
                BufferFilter without = new BufferFilter(Map.of(), tags, Optional.of(false));
                assertThat(buffers.deleteAll(only, Optional.empty())).isZero();
                assertThat(buffers.list(without, 9, Optional.empty()).buffers())
                        .containsExactly(there);
            }
            String token = Base64.getUrlEncoder().encodeToString(("1," + strange).getBytes(UTF_8));
            assertRefused(
                    Kind.INVALID,
                    "Invalid continuation token.",
                    () -> buffers.list(ACTIVE, 9, Optional.of(token)));
        }
    }

    @Test
    void anotherStartFindsEverything() throws IOException {
        Set<Buffer> made = Set.of(create("a", "1"), create(), create("b", ""));
        database.close();
        database = openDatabase();
        Buffers again =
                new Buffers(
                        database, containers, AccessSigner.ephemeral(), clock, Lifetimes.DEFAULT);
        assertThat(
                        again.list(ACTIVE, 10, Optional.empty()).buffers().stream()
                                .collect(Collectors.toSet()))
                .isEqualTo(made);
    }
}
