package dev.forebay.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32C;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Files that keep what picocli found in the annotations of commands, one a command, and one for the
 * help of the program. To find it takes nearly half of the time of a short command: Java makes a
 * class for each kind of annotation, anew in each process, and no AOT cache holds those. To read it
 * takes a fifth of that.
 *
 * <p><b>Guarantee.</b> A command is described by its file or, where there is none that can be read,
 * by its annotations; both describe the same command. The launcher has the files made when it makes
 * the AOT caches, and made anew when the program changes.
 *
 * <p>Safe for use by many threads. Reading and writing block.
 */
final class KeptCommands {
    /** The system property by which the launcher names the folder. */
    private static final String FOLDER = "forebay.commands";

    /** The file of the program's own help. */
    private static final String OUTLINE = "outline";

    /** A file is this, the CRC-32C of the rest, and what {@link SpecWriter} writes. */
    private static final int MAGIC = 0xf0ebacd1;

    /** Bytes of the two. */
    private static final int HEAD = 2 * Integer.BYTES;

    private final Optional<String> folder;

    /** Those in {@code folder}; without one, none are kept. */
    KeptCommands(Optional<String> folder) {
        this.folder = folder;
    }

    /** Those of the launcher that started this process. */
    static KeptCommands ofProcess() {
        return new KeptCommands(Optional.ofNullable(System.getProperty(FOLDER)));
    }

    /** Describes {@code command} to picocli, which sets its fields. */
    CommandSpec describe(Object command) {
        return read(command.getClass().getName(), file -> file.command(command))
                .orElseGet(() -> CommandSpec.forAnnotatedObject(command));
    }

    /** Describes what the help of {@code program} shows. */
    CommandSpec outline(Forebay program) {
        return read(OUTLINE, file -> file.outline(program)).orElseGet(() -> Outline.of(program));
    }

    private interface Description {
        CommandSpec in(SpecReader file) throws IOException, ReflectiveOperationException;
    }

    private Optional<CommandSpec> read(String name, Description description) {
        if (folder.isEmpty()) {
            return Optional.empty();
        }
        try {
            ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(Path.of(folder.get(), name)));
            boolean whole = file.remaining() > HEAD && file.getInt() == MAGIC;
            if (!whole || file.getInt() != checksum(file.slice())) {
                return Optional.empty();
            }
            DataInputStream in =
                    new DataInputStream(
                            new ByteArrayInputStream(file.array(), HEAD, file.remaining()));
            return Optional.of(description.in(new SpecReader(in)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException | ReflectiveOperationException | RuntimeException e) {
            return Optional.empty(); // The file only saves time; the annotations say the same.
        }
    }

    /**
     * Keeps what its annotations say of {@code command}, a new object.
     *
     * @throws IOException if there is no folder for it, or it cannot be written
     */
    void keep(Object command) throws IOException {
        write(
                command.getClass().getName(),
                file -> file.command(CommandSpec.forAnnotatedObject(command)));
    }

    /** Keeps what the annotations of {@code program} and its commands say to its help. */
    void keepOutline(Forebay program) throws IOException {
        write(OUTLINE, file -> file.outline(Outline.of(program)));
    }

    private interface Content {
        void to(SpecWriter file) throws IOException;
    }

    private void write(String name, Content content) throws IOException {
        if (folder.isEmpty()) {
            throw new IOException(
                    "expected the folder for the files of commands in the property %s of Java, found none; the launcher 'forebay' sets it"
                            .formatted(FOLDER));
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        content.to(new SpecWriter(new DataOutputStream(bytes)));
        ByteBuffer spec = ByteBuffer.wrap(bytes.toByteArray());
        ByteBuffer file = ByteBuffer.allocate(HEAD + spec.remaining());
        file.putInt(MAGIC).putInt(checksum(spec.duplicate())).put(spec);
        Files.createDirectories(Path.of(folder.get()));
        Files.write(Path.of(folder.get(), name), file.array());
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes);
        return (int) checksum.getValue();
    }
}
