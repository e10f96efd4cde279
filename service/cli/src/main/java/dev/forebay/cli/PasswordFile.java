package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Where a password is read from: never an argument, which other users of the machine could see. One
 * line end at the end of the file does not belong to the password.
 */
final class PasswordFile {
    private static final int LARGEST = 8 << 10;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--password-file",
            paramLabel = "FILE|-",
            required = true,
            description =
                    "The file with the password, without its last line end; -: standard input.")
    private String file;

    String password() throws IOException {
        return file.equals("-")
                ? read(Channels.newInputStream(Shell.of(spec).input()), file)
                : read(Path.of(file));
    }

    /** The password in a file. */
    static String read(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException(
                    "expected a file with the password, found the folder '%s'".formatted(file));
        }
        try (InputStream in = Files.newInputStream(file)) {
            return read(in, file.toString());
        }
    }

    /** The password that {@code in} gives; {@code name} is for messages. */
    private static String read(InputStream in, String name) throws IOException {
        byte[] content = in.readNBytes(LARGEST + 1);
        if (content.length > LARGEST) {
            throw new IOException(
                    "expected a password of at most %d bytes, found more in %s"
                            .formatted(LARGEST, name));
        }
        try {
            String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
            return text.replaceFirst("\r?\n\\z", "");
        } catch (CharacterCodingException e) {
            throw new IOException("expected a password in UTF-8, found other bytes in " + name, e);
        }
    }
}
