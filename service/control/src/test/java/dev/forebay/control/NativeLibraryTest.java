package dev.forebay.control;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SQLite's library comes from the installation or the data, never from the temporary folder. */
class NativeLibraryTest {
    @TempDir Path temp;

    /** Opens a catalogue and is gone as if it had been killed. */
    static final class Killed {
        public static void main(String[] args) {
            Database.sqlite(Path.of(args[0])).read(handle -> 1);
            Runtime.getRuntime().halt(0);
        }
    }

    private void startAndKill(String classPath, Path temporary) throws Exception {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "--enable-native-access=ALL-UNNAMED",
                                "-Djava.io.tmpdir=" + temporary,
                                "-cp",
                                classPath,
                                Killed.class.getName(),
                                temp.resolve("catalog.db").toString())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }

    private static List<Path> libraries(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> file.getFileName().toString().contains("sqlitejdbc"))
                    .toList();
        }
    }

    @Test
    void killedProcessesLeaveOneCopyOfTheLibraryAndNoneInTheTemporaryFolder() throws Exception {
        Path temporary = Files.createDirectory(temp.resolve("temporary"));
        for (int i = 0; i < 3; i++) {
            startAndKill(System.getProperty("java.class.path"), temporary);
            assertThat(temporary).isEmptyDirectory();
            assertThat(libraries(temp)).hasSize(1);
        }
        Path copy = libraries(temp).getFirst();
        byte[] whole = Files.readAllBytes(copy);
        Files.write(copy, new byte[10]); // As a power cut may leave it.
        startAndKill(System.getProperty("java.class.path"), temp.resolve("missing"));
        assertThat(copy).hasBinaryContent(whole);
    }
}
