package dev.forebay.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.blob.DirectoryContainers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The catalogue has the name that it was given, whatever characters stand in its path. */
class CataloguePathTest {
    @TempDir Path temp;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "what?",
                "a?journal_mode=DELETE",
                "a#b",
                "100%41",
                "a;b&c=d",
                "two words",
                "it's",
                "messung-äß",
                "日本",
                "new\nline",
                "mode=memory",
                "back\\slash"
            })
    void aCatalogueIsFoundAgainInADirectoryOfAnyName(String name) throws IOException {
        Path directory = Files.createDirectory(temp.resolve(name));
        Buffer made;
        try (DirectoryContainers containers =
                        DirectoryContainers.open(
                                Disk.system(), Clock.system(), temp.resolve("containers"));
                Database database = Database.sqlite(directory.resolve("catalog.db"))) {
            made = buffers(database, containers).create(Map.of(), Optional.empty());
            assertThat(names(directory))
                    .contains("catalog.db", "catalog.db-wal", "catalog.db-shm")
                    .allMatch(
                            file -> file.matches("catalog\\.(db|db-wal|db-shm|reserve)|sqlite-.*"));
        }
        Path renamed = Files.move(directory, temp.resolve("plain"));
        try (DirectoryContainers containers =
                        DirectoryContainers.open(
                                Disk.system(), Clock.system(), temp.resolve("containers"));
                Database database = Database.sqlite(renamed.resolve("catalog.db"))) {
            assertThat(buffers(database, containers).get(made.id(), false)).isEqualTo(made);
        }
    }

    private static Buffers buffers(Database database, DirectoryContainers containers) {
        return new Buffers(
                database, containers, AccessSigner.ephemeral(), Clock.system(), Lifetimes.DEFAULT);
    }

    private static Stream<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList().stream();
        }
    }
}
