package dev.forebay.run.process;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.run.Invocation;
import dev.forebay.run.Program;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The SHA-256 of the file that a command starts.
 *
 * <p><b>Guarantee.</b> Empty where the file cannot be found or read, never a guess. A file that has
 * changed has another digest, as far as the system keeps the times of changes.
 *
 * <p><b>Limit.</b> The file alone: not its libraries, not an interpreter that its first line names,
 * no script that an argument names. The path is searched as {@code env} does for a user who may
 * execute what the server may.
 *
 * <p>Remembers {@link #MOST} files. Safe for use by many threads; reads files, without the lock.
 */
final class Executables {
    private static final int MOST = 64;

    /** Where {@code env} looks without the variable. */
    private static final String USUAL_PATH = "/bin:/usr/bin";

    /** A file as it was; a change of its content changes its times. */
    private record State(Path file, Map<String, Object> attributes) {}

    private final Optional<Path> hidden;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final Map<State, String> known =
            new LinkedHashMap<>(MOST, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<State, String> eldest) {
                    return size() > MOST;
                }
            };

    /**
     * @param hidden a directory that programs cannot see
     */
    Executables(Optional<Path> hidden) {
        this.hidden = hidden;
    }

    /** Empty if it is not known which file that is. */
    Optional<String> digest(Program program) {
        Invocation invocation = program.resolve(Map.of());
        if (invocation.words().isEmpty()) {
            return Optional.empty();
        }
        try {
            Optional<Path> file =
                    file(
                            invocation.words().getFirst(),
                            invocation.env().getOrDefault("PATH", USUAL_PATH),
                            program.workingDirectory());
            return file.isPresent() ? Optional.of(digest(file.get())) : Optional.empty();
        } catch (IOException | InvalidPathException e) {
            return Optional.empty(); // Then no run is answered with another: it is executed.
        }
    }

    private Optional<Path> file(String word, String path, Optional<String> directory)
            throws IOException {
        if (word.contains("/")) {
            return executable(Path.of(directory.orElse("/nowhere")).resolve(word));
        }
        for (String folder : path.split(":", -1)) {
            if (!folder.startsWith("/")) {
                return Optional.empty();
            }
            Path file = Path.of(folder, word);
            if (Files.exists(file)) {
                return executable(file);
            }
        }
        return Optional.empty();
    }

    private Optional<Path> executable(Path file) throws IOException {
        if (!file.isAbsolute() || !Files.isRegularFile(file) || !Files.isExecutable(file)) {
            return Optional.empty();
        }
        Path real = file.toRealPath();
        return hidden.filter(folder -> real.startsWith(folder) || file.startsWith(folder))
                        .isPresent()
                ? Optional.empty()
                : Optional.of(real);
    }

    private String digest(Path file) throws IOException {
        State before = state(file);
        lock.lock();
        try {
            String found = known.get(before);
            if (found != null) {
                return found;
            }
        } finally {
            lock.unlock();
        }
        String digest = "file:" + sha256(file);
        if (state(file).equals(before)) {
            lock.lock();
            try {
                known.put(before, digest);
            } finally {
                lock.unlock();
            }
        }
        return digest;
    }

    private static State state(Path file) throws IOException {
        return new State(
                file, Files.readAttributes(file, "unix:dev,ino,size,lastModifiedTime,ctime"));
    }

    private static String sha256(Path file) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
