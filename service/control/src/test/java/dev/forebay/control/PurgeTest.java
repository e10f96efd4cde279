package dev.forebay.control;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Disk;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Container;
import dev.forebay.blob.ContainerStore;
import dev.forebay.blob.DirectoryContainers;
import dev.forebay.blob.Lookup;
import dev.forebay.blob.Md5;
import dev.forebay.blob.OpenBlob;
import dev.forebay.blob.Wait;
import dev.forebay.testkit.ManualClock;
import dev.forebay.testkit.Sabotage;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The order of a purge: the power is cut after every call on the disk, with the catalogue as it is
 * then and as it is right before the next call, and each time a restart finds a buffer whole or
 * gone.
 */
class PurgeTest {
    private static final Path ROOT = Path.of("/containers");
    private static final BlobName BLOB = new BlobName("00/000");
    private static final String ORPHAN = "orphan";
    private static final int PURGED = 2;

    @TempDir Path temp;
    private final ManualClock clock = new ManualClock();
    private final List<String> purged = new ArrayList<>();
    private String kept = "";
    private int images;

    /** What a cut leaves. */
    private record Image(String when, SimulatedDisk disk, Path catalog) {}

    private Buffers buffers(Database database, ContainerStore containers) {
        return new Buffers(
                database, containers, AccessSigner.ephemeral(), clock, Lifetimes.DEFAULT);
    }

    private static void fill(ContainerStore containers, String id) {
        byte[] body = id.getBytes(UTF_8);
        containers
                .open(id)
                .orElseThrow()
                .put(BLOB, ByteBuffer.wrap(body), Md5.of(ByteBuffer.wrap(body)), Map.of());
    }

    private String create(Buffers buffers, ContainerStore containers) {
        String id = buffers.create(Map.of(), Optional.empty()).id();
        fill(containers, id);
        return id;
    }

    /** The catalogue as its last commit left it; no thread writes it meanwhile. */
    private Path copyOfCatalog(Path folder) {
        try {
            Path copy = Files.createDirectory(temp.resolve("image" + images++));
            for (String file : List.of("catalog.db", "catalog.db-wal")) {
                if (Files.exists(folder.resolve(file))) {
                    Files.copy(folder.resolve(file), copy.resolve(file));
                }
            }
            return copy;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Purges two buffers beside one that stays and a container that no row knows. */
    private List<Image> purge(UnaryOperator<Disk> lie, UnaryOperator<ContainerStore> twin)
            throws IOException {
        SimulatedDisk disk = new SimulatedDisk();
        List<Image> cuts = new ArrayList<>();
        try (Database database = Database.sqlite(temp.resolve("catalog.db"));
                ContainerStore containers = DirectoryContainers.open(disk, clock, ROOT)) {
            Buffers buffers = buffers(database, containers);
            kept = create(buffers, containers);
            containers.create(ORPHAN);
            fill(containers, ORPHAN);
            for (int i = 0; i < PURGED; i++) {
                purged.add(create(buffers, containers));
                buffers.delete(purged.getLast(), Optional.of(Duration.ZERO));
                clock.advance(Duration.ofSeconds(1));
            }
        }
        try (Database database = Database.sqlite(temp.resolve("catalog.db"));
                ContainerStore containers =
                        twin.apply(DirectoryContainers.open(lie.apply(disk), clock, ROOT))) {
            Buffers buffers = buffers(database, containers);
            List<SimulatedDisk> last = new ArrayList<>();
            String[] when = {"before the first call"};
            Consumer<String> cut =
                    now -> {
                        Path catalog = copyOfCatalog(temp);
                        last.forEach(left -> cuts.add(new Image(when[0], left, catalog)));
                        last.clear();
                        when[0] = now;
                        for (Survival survival :
                                List.of(
                                        Survival.NOTHING,
                                        Survival.EVERYTHING,
                                        Survival.random(images))) {
                            last.add(disk.crash(survival));
                            cuts.add(new Image(now + ", " + survival, last.getLast(), catalog));
                        }
                    };
            disk.afterEachChange(call -> cut.accept("after " + call));
            assertThat(buffers.sweep()).isEqualTo(PURGED);
            cut.accept("at the end");
            disk.afterEachChange(_ -> {});
        }
        return cuts;
    }

    private static Optional<String> text(ContainerStore containers, String id) {
        Optional<Container> container = containers.open(id);
        if (container.isEmpty()) {
            return Optional.empty();
        }
        return switch (container.get().get(BLOB, Wait.NONE)) {
            case Lookup.Absent _ -> Optional.of("a container without its blob");
            case Lookup.Found(OpenBlob blob) -> {
                try (blob) {
                    ByteBuffer body = ByteBuffer.allocate((int) blob.info().size());
                    blob.readInto(body);
                    yield Optional.of(new String(body.array(), UTF_8));
                }
            }
        };
    }

    /** Starts again on what is left; whether each purged one is whole ('W') or gone ('-'). */
    private String restart(Image image) throws IOException {
        StringBuilder found = new StringBuilder();
        Path catalog = copyOfCatalog(image.catalog).resolve("catalog.db");
        SimulatedDisk disk = image.disk.crash(Survival.EVERYTHING); // A copy, which has synced all.
        try (Database database = Database.sqlite(catalog);
                ContainerStore containers = DirectoryContainers.open(disk, clock, ROOT)) {
            Buffers buffers = buffers(database, containers);
            Reconciliation left = buffers.reconcile();
            assertThat(left.unknown()).as(image.when).containsExactly(ORPHAN);
            assertThat(left.missing()).as(image.when).isEmpty();
            assertThat(text(containers, ORPHAN)).as(image.when).contains(ORPHAN);
            assertThat(text(containers, kept)).as(image.when).contains(kept);
            assertThat(buffers.get(kept, false).id()).isEqualTo(kept);
            List<String> rows =
                    buffers.list(BufferFilter.all(true), 10, Optional.empty()).buffers().stream()
                            .map(Buffer::id)
                            .toList();
            for (String id : purged) {
                assertThat(text(containers, id).orElse("gone"))
                        .as(image.when)
                        .isEqualTo(rows.contains(id) ? id : "gone");
                found.append(rows.contains(id) ? 'W' : '-');
            }
            buffers.sweep();
            assertThat(containers.list()).as(image.when).containsExactlyInAnyOrder(kept, ORPHAN);
            assertThat(disk.list(ROOT).stream().map(Path::toString))
                    .noneMatch(path -> purged.stream().anyMatch(path::contains));
        }
        return found.toString();
    }

    private Set<String> restartAll(List<Image> images) throws IOException {
        Set<String> seen = new java.util.TreeSet<>();
        for (Image image : images) {
            seen.add(restart(image));
        }
        return seen;
    }

    @Test
    void aPurgeThatIsCutShortAnywhereLeavesEverythingOrNothing() throws IOException {
        List<Image> cuts = purge(disk -> disk, store -> store);
        assertThat(cuts).hasSizeGreaterThan(50);
        assertThat(restartAll(cuts)).containsExactlyInAnyOrder("WW", "-W", "--");
    }

    @Test
    void aTwinThatRemovesTheRowBeforeTheContainerIsCaught() throws IOException {
        List<Image> cuts = purge(disk -> disk, PurgeTest::late);
        assertThatThrownBy(() -> restartAll(cuts))
                .hasMessageContaining("elements were not expected");
    }

    @Test
    void aTwinThatDoesNotSyncTheNameAwayIsCaught() throws IOException {
        List<Image> cuts = purge(Sabotage.SKIP_DIRECTORY_SYNC::of, store -> store);
        assertThatThrownBy(() -> restartAll(cuts))
                .hasMessageContaining("elements were not expected");
    }

    /** A store that takes containers out of sight only when it removes their files. */
    private static ContainerStore late(ContainerStore store) {
        List<String> aside = new ArrayList<>();
        return (ContainerStore)
                Proxy.newProxyInstance(
                        PurgeTest.class.getClassLoader(),
                        new Class<?>[] {ContainerStore.class},
                        (_, method, arguments) -> {
                            if (method.getName().equals("setAside")) {
                                return aside.add((String) arguments[0]);
                            }
                            if (method.getName().equals("removeSetAside")) {
                                aside.forEach(store::setAside);
                            }
                            try {
                                return method.invoke(store, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }

    /** A store that does something before it takes a container out of sight. */
    private static ContainerStore watched(ContainerStore store, Runnable before) {
        return (ContainerStore)
                Proxy.newProxyInstance(
                        PurgeTest.class.getClassLoader(),
                        new Class<?>[] {ContainerStore.class},
                        (_, method, arguments) -> {
                            if (method.getName().equals("setAside")) {
                                before.run();
                            }
                            try {
                                return method.invoke(store, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }

    @Test
    void whatIsNoLongerDueWhenItsTurnComesIsNotPurged() throws IOException {
        try (Database database = Database.sqlite(temp.resolve("catalog.db"));
                DirectoryContainers real =
                        DirectoryContainers.open(new SimulatedDisk(), clock, ROOT)) {
            ContainerStore containers =
                    watched(
                            real,
                            () -> clock.stepWall(Duration.ofHours(-1))); // By its first purge.
            Buffers buffers = buffers(database, containers);
            String first = create(buffers, containers);
            buffers.delete(first, Optional.of(Duration.ZERO));
            clock.advance(Duration.ofSeconds(1));
            String second = create(buffers, containers);
            buffers.delete(second, Optional.of(Duration.ZERO));
            clock.advance(Duration.ofSeconds(1));
            assertThat(buffers.sweep()).isEqualTo(1);
            assertThat(buffers.restore(second).softDeleted()).isFalse();
            assertThat(text(containers, second)).contains(second);
            assertThat(text(containers, first)).isEmpty();
        }
    }
}
