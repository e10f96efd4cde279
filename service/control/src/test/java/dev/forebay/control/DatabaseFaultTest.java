package dev.forebay.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Clock;
import dev.forebay.base.DamagedException;
import dev.forebay.base.Disk;
import dev.forebay.base.ForebayException;
import dev.forebay.blob.DirectoryContainers;
import dev.forebay.control.ControlException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the catalogue says and keeps when its file, its disk or its callers fail. */
class DatabaseFaultTest {
    @TempDir Path temp;
    private Path file;
    private DirectoryContainers containers;

    @BeforeEach
    void open() throws IOException {
        file = temp.resolve("catalog.db");
        containers =
                DirectoryContainers.open(Disk.system(), Clock.system(), temp.resolve("containers"));
    }

    @AfterEach
    void close() {
        Thread.interrupted();
        containers.close();
    }

    private Buffers buffers(Database database) {
        return new Buffers(
                database, containers, AccessSigner.ephemeral(), Clock.system(), Lifetimes.DEFAULT);
    }

    private void assertNotOpened(Class<? extends ForebayException> type, String... words) {
        assertThatThrownBy(() -> Database.sqlite(file).close())
                .isInstanceOf(type)
                .hasMessageContainingAll(words)
                .hasMessageContaining(file.toString())
                .satisfies(e -> assertThat(String.valueOf(e.getMessage()).lines()).hasSize(1));
    }

    @Test
    void aFileThatIsNoCatalogueIsDamaged() throws IOException {
        Files.writeString(file, "This is a text of some length, and no database. ".repeat(100));
        assertNotOpened(DamagedException.class, "is damaged", "from a backup");
    }

    @Test
    void aCatalogueWithDamagedPagesIsDamaged() throws IOException {
        try (Database database = Database.sqlite(file)) {
            Buffers buffers = buffers(database);
            for (int i = 0; i < 100; i++) {
                buffers.create(Map.of("n", "v" + i), Optional.empty());
            }
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            ByteBuffer noise = ByteBuffer.allocate((int) channel.size() - 4096);
            while (noise.hasRemaining()) {
                noise.put((byte) 0x5A);
            }
            channel.write(noise.flip(), 4096);
        }
        assertNotOpened(DamagedException.class, "is damaged", "from a backup");
    }

    @Test
    void aDirectoryInPlaceOfTheCatalogueIsToldInOneLine() throws IOException {
        Files.createDirectory(file);
        assertNotOpened(ControlException.class, "could not be opened", "check that it is a file");
    }

    @Test
    void aCatalogueOfANewerVersionIsNotOpened() {
        try (Database database = Database.sqlite(file)) {
            database.write(handle ->
                    handle.execute(
                            """
                            insert into flyway_schema_history
                            select 99, '99', 'later', type, 'V99__later.sql', 1,
                            installed_by, installed_on, 1, success
                            from flyway_schema_history where version = '2'\
                            """));
        }
        assertNotOpened(ControlException.class, "newer Forebay", "version 99");
    }

    @Test
    void aFullCatalogueRefusesAndAFailedCreateLeavesNoContainer() {
        try (Database database = Database.sqlite(file)) {
            Buffers buffers = buffers(database);
            Buffer kept = buffers.create(Map.of(), Optional.empty());
            database.write(handle ->
                    handle.createQuery("pragma max_page_count = 1").mapTo(Integer.class).one());
            Set<String> made = new HashSet<>(Set.of(kept.id()));
            String longValue = "v".repeat(256);
            Map<String, String> tags = new java.util.HashMap<>();
            for (int i = 0; i < 100; i++) {
                tags.put("k" + i, longValue);
            }
            assertThatThrownBy(
                            () -> {
                                for (int i = 0; i < 100; i++) {
                                    made.add(buffers.create(tags, Optional.empty()).id());
                                }
                            })
                    .isInstanceOfSatisfying(
                            ControlException.class,
                            e -> assertThat(e.kind()).isEqualTo(Kind.NO_SPACE))
                    .hasMessageContaining("delete and purge buffers");
            assertThat(containers.list()).containsExactlyInAnyOrderElementsOf(made);
            assertThatThrownBy(() ->
                            buffers.update(
                                    kept.id(), false, Optional.empty(), tags, Optional.empty()))
                    .isInstanceOfSatisfying(
                            ControlException.class,
                            e -> assertThat(e.kind()).isEqualTo(Kind.NO_SPACE));
            assertThat(buffers.get(kept.id(), false)).isEqualTo(kept);
            buffers.sweep();
            assertThat(Disk.system().stat(temp.resolve("containers"))).isPresent();
            try (var left = Files.list(temp.resolve("containers"))) {
                assertThat(left.map(path -> path.getFileName().toString()))
                        .noneMatch(name -> name.startsWith("=removed"));
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void closingOnAnInterruptedThreadClosesEveryConnection() {
        Database database = Database.sqlite(file);
        Buffers buffers = buffers(database);
        Buffer made = buffers.create(Map.of(), Optional.empty());
        Thread.currentThread().interrupt();
        database.close();
        assertThat(Thread.interrupted()).isTrue();
        // SQLite removes its log when the last connection is closed.
        assertThat(temp.resolve("catalog.db-wal")).doesNotExist();
        database.close();
        for (Runnable call :
                List.<Runnable>of(
                        () -> buffers.get(made.id(), false),
                        () -> buffers.create(Map.of(), Optional.empty()),
                        () -> buffers.delete(made.id(), Optional.empty()),
                        buffers::sweep)) {
            assertThatThrownBy(call::run)
                    .isInstanceOf(ControlException.class)
                    .hasMessageContaining("was closed");
        }
    }

    @Test
    void interruptedCallersChangeWhatTheyAskedForAndHarmNoConnection() throws Exception {
        try (Database database = Database.sqlite(file)) {
            assertInterruptsAreHarmless(buffers(database));
        }
    }

    static void assertInterruptsAreHarmless(Buffers buffers) throws InterruptedException {
        ConcurrentLinkedQueue<String> made = new ConcurrentLinkedQueue<>();
        ConcurrentLinkedQueue<Throwable> failed = new ConcurrentLinkedQueue<>();
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            callers.add(
                    Thread.startVirtualThread(() -> {
                        try {
                            for (int n = 0; n < 25; n++) {
                                Thread.currentThread().interrupt();
                                String id = buffers.create(Map.of(), Optional.empty()).id();
                                made.add(id);
                                buffers.get(id, false);
                                assertThat(Thread.currentThread().isInterrupted()).isTrue();
                            }
                        } catch (RuntimeException | AssertionError e) {
                            failed.add(e);
                        }
                    }));
        }
        for (Thread caller : callers) {
            caller.join();
        }
        assertThat(failed).isEmpty();
        assertThat(
                        buffers
                                .list(BufferFilter.all(false), 2000, Optional.empty())
                                .buffers()
                                .stream()
                                .map(Buffer::id)
                                .collect(Collectors.toSet()))
                .isEqualTo(Set.copyOf(made))
                .hasSize(100);
    }

    @Test
    void anErrorInATransactionUndoesItAndHarmsNoLaterOne() {
        try (Database database = Database.sqlite(file)) {
            Buffers buffers = buffers(database);
            Buffer made = buffers.create(Map.of("a", "1"), Optional.empty());
            for (Throwable thrown :
                    List.of(new OutOfMemoryError("one"), new IllegalStateException("two"))) {
                assertThatThrownBy(() ->
                                database.write(handle -> {
                                    handle.execute("delete from buffers");
                                    if (thrown instanceof Error e) {
                                        throw e;
                                    }
                                    throw (RuntimeException) thrown;
                                }))
                        .isSameAs(thrown);
                assertThat(buffers.get(made.id(), false)).isEqualTo(made);
            }
            buffers.delete(made.id(), Optional.empty());
        }
    }
}
