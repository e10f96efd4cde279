package dev.forebay.base;

import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/**
 * Why something failed, in words that stand in a message: the exceptions of files say it by their
 * type alone, and their own message is only a path.
 */
public final class Reason {
    private Reason() {}

    /**
     * The reason that {@code cause} stands for; never empty.
     *
     * @param cause a failure
     * @return words for a message
     */
    public static String of(Throwable cause) {
        return switch (cause) {
            case NoSuchFileException file -> "there is no file or folder " + name(file);
            case AccessDeniedException file -> "access to " + name(file) + " is denied";
            case FileAlreadyExistsException file -> name(file) + " is there already";
            case NotDirectoryException file -> name(file) + " is not a folder";
            case DirectoryNotEmptyException file -> "folder " + name(file) + " is not empty";
            case FileSystemException file when file.getReason() != null ->
                    name(file) + ": " + file.getReason();
            default -> {
                String message = cause.getMessage();
                yield message == null || message.isBlank()
                        ? cause.getClass().getSimpleName()
                        : message;
            }
        };
    }

    /** The file's name in quotes; a line end in it makes no second line of the message. */
    private static String name(FileSystemException file) {
        return "'" + Printable.of(String.valueOf(file.getFile())) + "'";
    }
}
