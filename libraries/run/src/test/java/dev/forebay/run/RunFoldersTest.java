package dev.forebay.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders of runs, among what else may lie beside them. */
class RunFoldersTest {
    @TempDir private Path directory;

    @Test
    void whatIsNotNamedByANumberIsLeftAlone() throws IOException {
        for (String name : new String[] {"12", "3", "1 (copy)", "2026-backup", "9".repeat(30)}) {
            Files.createDirectory(directory.resolve(name));
        }
        assertThat(new RunFolders(directory).byNumber().keySet()).containsExactly(3L, 12L);
    }

    @Test
    void linkIsRemovedAndNotFollowed() throws IOException {
        Path kept = Files.createFile(Files.createDirectory(directory.resolve("kept")).resolve("f"));
        Path run = Files.createDirectories(directory.resolve("1/inner"));
        Files.createSymbolicLink(run.resolve("link"), kept.getParent());
        new RunFolder(directory.resolve("1")).remove();
        assertThat(directory.resolve("1")).doesNotExist();
        assertThat(kept).exists();
    }
}
