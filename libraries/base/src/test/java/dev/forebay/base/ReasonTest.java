package dev.forebay.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReasonTest {
    @TempDir Path temp;

    private static String of(ThrowingCallable action) {
        return Reason.of(catchThrowable(action));
    }

    @Test
    void whatTheFileSystemRefusesIsSaidInWords() throws IOException {
        Path missing = temp.resolve("missing");
        Path file = Files.createFile(temp.resolve("file"));
        Path full = Files.createDirectory(temp.resolve("full"));
        Files.createFile(full.resolve("one"));
        assertThat(of(() -> Files.size(missing)))
                .isEqualTo("there is no file or folder '" + missing + "'");
        assertThat(of(() -> Files.createFile(file))).isEqualTo("'" + file + "' is there already");
        assertThat(of(() -> Files.delete(full))).isEqualTo("folder '" + full + "' is not empty");
        assertThat(of(() -> Files.createFile(file.resolve("below"))))
                .isEqualTo("'" + file.resolve("below") + "': Not a directory");
    }

    @Test
    void nameWithLineEndMakesOneLine() {
        assertThat(Reason.of(new NoSuchFileException("a\nError: b")))
                .isEqualTo("there is no file or folder 'a\uFFFDError: b'");
    }

    @Test
    void whatSaysNothingGoesByItsName() {
        assertThat(Reason.of(new AccessDeniedException("a"))).isEqualTo("access to 'a' is denied");
        assertThat(Reason.of(new NotDirectoryException("a"))).isEqualTo("'a' is not a folder");
        assertThat(Reason.of(new FileSystemException("a", null, "no"))).isEqualTo("'a': no");
        assertThat(Reason.of(new EOFException())).isEqualTo("EOFException");
        assertThat(Reason.of(new IOException("the disk is gone"))).isEqualTo("the disk is gone");
    }
}
