package dev.forebay.control;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.blob.DirectoryContainers;
import dev.forebay.testkit.ManualClock;
import dev.forebay.wire.Json;
import dev.forebay.wire.control.CodespecBody;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A catalogue that version 1 wrote is opened by this build and holds exactly what it held. The file
 * is never made again: that another build wrote it is the point. A later version adds a file.
 */
class CatalogueFixtureTest {
    /** What was created a second apart from the one before, and the two at once. */
    private static final Instant ONE = Instant.parse("2026-01-01T00:00:01.000001Z");

    private static final Buffer EXPIRED =
            active("57yzxbbds6denqn4ovix4slwze", ONE.plusSeconds(3), end(4), Map.of("a", "1"));
    private static final Buffer TAGGED =
            active(
                    "l5eh7nbikwh3fynhzd7dbngmga",
                    ONE,
                    Optional.empty(),
                    Map.of("a", "1", "A", "2", "empty", "", "dots.and-dashes_", "v.-_1"));

    /** Newest first; of those made at once the greater ID. */
    private static final List<Buffer> ACTIVE =
            List.of(
                    EXPIRED,
                    active(
                            "ycxmmm2wylfsrqu5u242zg3c5e",
                            ONE.plusSeconds(2),
                            Optional.empty(),
                            Map.of("twin", "1")),
                    active(
                            "ekeu3il5esi4y6hkwkgwrpcboi",
                            ONE.plusSeconds(2),
                            Optional.empty(),
                            Map.of("twin", "2")),
                    active(
                            "jyabkvep3zmcquyuj5sohh2bfi",
                            ONE.plusSeconds(1),
                            Optional.of(Instant.parse("9999-12-31T23:59:59.999999Z")),
                            Map.of("k".repeat(128), "v".repeat(256))),
                    TAGGED,
                    active(
                            "jmubtlm3busxz233viddry62se",
                            Instant.parse("2026-01-01T00:00:00Z"),
                            Optional.empty(),
                            Map.of()));

    private static final List<Buffer> DELETED =
            List.of(
                    deleted(
                            "ah7x634ikmtrxmppx5z2cnkqtm",
                            Instant.parse("2035-12-30T00:01:05.000001Z"),
                            Map.of("a", "1", "deleted", "yes")),
                    deleted("77c66m7v3f55afpq7mvfvrw4a4", ONE.plusSeconds(64), Map.of()));

    /** As that version computed them, in the order of both lists: clients may still hold them. */
    private static final List<String> VERSIONS =
            List.of(
                    "5519840343030592783",
                    "11612448926990641868",
                    "5660026080031059435",
                    "3493132333001386731",
                    "5026939391472964633",
                    "2615032458274201404",
                    "11780377355712448238",
                    "10712152202857999673");

    @TempDir Path temp;
    private final ManualClock clock = new ManualClock(ONE.plusSeconds(65));
    private Database database;
    private DirectoryContainers containers;
    private Buffers buffers;

    private static Optional<Instant> end(int seconds) {
        return Optional.of(ONE.plusSeconds(seconds));
    }

    private static Buffer active(
            String id, Instant createdAt, Optional<Instant> expiresAt, Map<String, String> tags) {
        return new Buffer(id, createdAt, expiresAt, false, tags);
    }

    private static Buffer deleted(String id, Instant expiresAt, Map<String, String> tags) {
        return new Buffer(id, ONE.plusSeconds(4), Optional.of(expiresAt), true, tags);
    }

    @BeforeEach
    void copy() throws IOException {
        try (InputStream stored = getClass().getResourceAsStream("catalogue-v1.db")) {
            Files.copy(stored, temp.resolve("catalog.db"));
        }
        containers =
                DirectoryContainers.open(Disk.system(), Clock.system(), temp.resolve("containers"));
        open();
        for (Buffer buffer : all()) {
            containers.create(buffer.id());
        }
    }

    private void open() {
        database = Database.sqlite(temp.resolve("catalog.db"));
        buffers =
                new Buffers(
                        database, containers, AccessSigner.ephemeral(), clock, Lifetimes.DEFAULT);
    }

    @AfterEach
    void close() {
        containers.close();
        database.close();
    }

    private List<Buffer> list(boolean softDeleted) {
        return buffers.list(BufferFilter.all(softDeleted), 100, Optional.empty()).buffers();
    }

    private List<Buffer> all() {
        List<Buffer> all = new ArrayList<>(list(false));
        all.addAll(list(true));
        return all;
    }

    @Test
    void aCatalogueOfVersionOneListsExactlyWhatItHeld() {
        assertThat(list(false)).isEqualTo(ACTIVE);
        assertThat(list(true)).isEqualTo(DELETED);
        assertThat(all()).extracting(Buffer::eTag).isEqualTo(VERSIONS);
        for (Buffer buffer : all()) {
            assertThat(buffers.get(buffer.id(), buffer.softDeleted())).isEqualTo(buffer);
        }
        assertThat(buffers.reconcile().unknown()).isEmpty();
        assertThat(list(true)).isEqualTo(DELETED);
    }

    @Test
    void aCatalogueOfVersionOneIsFilteredPagedAndChanged() {
        BufferFilter upper = new BufferFilter(Map.of("A", "2"), Map.of(), Optional.of(false));
        assertThat(buffers.list(upper, 9, Optional.empty()).buffers()).containsExactly(TAGGED);
        BufferPage first = buffers.list(BufferFilter.all(false), 2, Optional.empty());
        assertThat(first.buffers()).isEqualTo(ACTIVE.subList(0, 2));
        assertThat(buffers.list(BufferFilter.all(false), 9, first.continuation()).buffers())
                .isEqualTo(ACTIVE.subList(2, ACTIVE.size()));
        // Two have expired: one that is active, and one that is deleted.
        assertThat(buffers.count(new BufferFilter(Map.of(), Map.of(), Optional.empty())))
                .isEqualTo(6);
        buffers.restore(DELETED.getFirst().id());
        Map<String, String> tags = Map.of("new", "1");
        buffers.update(TAGGED.id(), false, Optional.of(TAGGED.eTag()), tags, Optional.empty());
        Buffer made = buffers.create(Map.of(), Optional.empty());
        assertThat(buffers.sweep()).isEqualTo(1);
        List<Buffer> before = all();
        database.close();
        open();
        assertThat(all()).isEqualTo(before).contains(made);
        assertThat(buffers.get(TAGGED.id(), false).tags()).isEqualTo(tags);
        assertThat(list(true)).extracting(Buffer::id).containsExactly(EXPIRED.id());
        clock.advance(Duration.ofDays(2));
        assertThat(buffers.sweep()).isEqualTo(1);
    }

    @Test
    void aCatalogueOfVersionOneTakesCodespecs() {
        String json = "{\"kind\":\"job\",\"image\":\"i\"}";
        CodespecBody content = Json.read(json.getBytes(UTF_8), CodespecBody.class);
        CodespecBody made = new Codespecs(database, clock).create("x", content);
        database.close();
        open();
        assertThat(new Codespecs(database, clock).get("x")).isEqualTo(made);
        assertThat(list(false)).isEqualTo(ACTIVE);
    }
}
