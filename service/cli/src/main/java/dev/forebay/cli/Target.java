package dev.forebay.cli;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Where the data of a command comes from and goes to: a file, or a standard stream. */
final class Target {
    private Target() {}

    /**
     * The file, or standard input if there is none.
     *
     * @throws IOException if it cannot be read, which is known before anything else happens
     */
    static ReadableByteChannel input(@Nullable Path file, Shell shell) throws IOException {
        if (file == null) {
            return shell.input().get();
        }
        if (Files.isDirectory(file)) {
            throw new FileSystemException(file.toString(), null, "is a directory, not a file");
        }
        return FileChannel.open(file);
    }

    /** The file, which is emptied if it is there, or standard output if there is none. */
    static WritableByteChannel output(@Nullable Path file, Shell shell) throws IOException {
        return file == null
                ? shell.output().get()
                : FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.TRUNCATE_EXISTING);
    }
}
