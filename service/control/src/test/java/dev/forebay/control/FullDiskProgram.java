package dev.forebay.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.blob.DirectoryContainers;
import dev.forebay.control.ControlException.Kind;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What {@link FullDiskTest} runs on a file system of its own, which it fills to the last byte. */
final class FullDiskProgram {
    private static final int BUFFERS = 200;

    private FullDiskProgram() {}

    public static void main(String[] args) throws IOException {
        Path data = Path.of(args[0]);
        List<String> ids = new ArrayList<>();
        try (DirectoryContainers containers = containers(data);
                Database database = Database.sqlite(data.resolve("catalog.db"))) {
            Buffers buffers = buffers(database, containers);
            for (int i = 0; i < BUFFERS; i++) {
                ids.add(buffers.create(tags(i), Optional.empty()).id());
            }
        }
        fill(data);
        // A server that starts on a full disk can be used to make room, and so can it after that.
        for (int round = 0; round < 2; round++) {
            try (DirectoryContainers containers = containers(data);
                    Database database = Database.sqlite(data.resolve("catalog.db"))) {
                Buffers buffers = buffers(database, containers);
                fill(data);
                assertRefused(buffers, ids.getLast());
                assertThat(containers.list()).hasSize(ids.size());
                for (int i = 0; i < BUFFERS / 4; i++) {
                    String id = ids.removeFirst();
                    buffers.delete(id, Optional.empty());
                    buffers.purge(id, Optional.of(Duration.ZERO));
                    fill(data); // Other writers take what a deletion leaves over.
                }
                assertThat(buffers.sweep()).isEqualTo(BUFFERS / 4);
                fill(data);
                assertThat(containers.list()).hasSize(ids.size());
                assertThat(buffers.count(BufferFilter.all(false))).isEqualTo(ids.size());
            }
        }
        Files.delete(data.resolve("filler"));
        try (DirectoryContainers containers = containers(data);
                Database database = Database.sqlite(data.resolve("catalog.db"))) {
            buffers(database, containers).create(Map.of(), Optional.empty());
        }
        assertThat(Files.size(data.resolve("catalog.reserve"))).isEqualTo(12L << 20);
    }

    private static void assertRefused(Buffers buffers, String id) {
        assertThatThrownBy(() -> createMany(buffers))
                .isInstanceOfSatisfying(
                        ControlException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NO_SPACE))
                .hasMessageContaining("delete and purge buffers");
        assertThatThrownBy(() ->
                        buffers.update(id, false, Optional.empty(), tags(-1), Optional.empty()))
                .isInstanceOfSatisfying(
                        ControlException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NO_SPACE));
    }

    private static void createMany(Buffers buffers) {
        buffers.create(tags(0), Optional.empty());
    }

    private static Map<String, String> tags(int i) {
        return Map.of("number", "n" + i, "long", "v".repeat(256));
    }

    private static DirectoryContainers containers(Path data) throws IOException {
        return DirectoryContainers.open(Disk.system(), Clock.system(), data.resolve("containers"));
    }

    private static Buffers buffers(Database database, DirectoryContainers containers) {
        return new Buffers(
                database, containers, AccessSigner.ephemeral(), Clock.system(), Lifetimes.DEFAULT);
    }

    /** Writes until not one byte more fits. */
    private static void fill(Path data) {
        for (int size = 1 << 20; size > 0; size /= 4) {
            appendUntilFull(data.resolve("filler"), new byte[size]);
        }
    }

    private static void appendUntilFull(Path file, byte[] piece) {
        try (OutputStream out =
                Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            while (true) {
                out.write(piece);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
        }
    }
}
