package dev.forebay.cli;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Where the data of a command comes from and goes to: a file, or a standard stream. */
final class DataChannels {
    private DataChannels() {}

    /** Whether no file is meant but a standard stream: none is named, or {@code -}. */
    static boolean isStandard(@Nullable Path file) {
        return file == null || file.toString().equals("-");
    }

    /**
     * The file, or standard input if none is named.
     *
     * @throws IOException if it cannot be read, which is known before anything else happens
     */
    static ReadableByteChannel input(@Nullable Path file, Shell shell) throws IOException {
        if (file == null || isStandard(file)) {
            return shell.input();
        }
        if (Files.isDirectory(file)) {
            throw new FileSystemException(file.toString(), null, "is a directory, not a file");
        }
        FileChannel channel = FileChannel.open(file);
        return Files.isRegularFile(file) ? new WholeFile("'" + file + "'", channel) : channel;
    }

    /** The file, which is emptied if it is there, or standard output if none is named. */
    static WritableByteChannel output(@Nullable Path file, Shell shell) throws IOException {
        if (file == null || isStandard(file)) {
            return shell.output();
        }
        try {
            return FileChannel.open(
                    file,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.TRUNCATE_EXISTING);
        } catch (NoSuchFileException e) {
            throw new IOException(
                    "cannot make "
                            + file
                            + ": there is no directory "
                            + file.toAbsolutePath().getParent(),
                    e);
        }
    }
}
