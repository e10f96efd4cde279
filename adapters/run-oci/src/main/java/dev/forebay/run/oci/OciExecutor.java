package dev.forebay.run.oci;

import dev.forebay.base.Disk;
import dev.forebay.blob.Container;
import dev.forebay.run.Executor;
import dev.forebay.run.HostExecutor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.UUID;
import java.util.function.Function;

/**
 * Executes runs as containers of an engine on this machine.
 *
 * <p><b>Guarantee.</b> That of {@link HostExecutor}, and what {@link ContainerPlan} says of a
 * container. A container outlives the server if its run has no buffers: the next executor on the
 * directory adopts it in {@link Executor#reconcile}, with the log that the engine kept. A run with
 * buffers whose program was started is ended with its server and reported as Failed with {@code
 * server lost}: the server holds the other ends of its pipes. Containers carry the identity of
 * their directory, so that several servers can use one engine.
 *
 * <p><b>Limit.</b> While the engine does not answer, runs neither start nor end; they are not taken
 * for lost. The order of lines of the two output streams is the one in which the engine read them.
 *
 * <p>A run that executes takes two virtual threads, beyond those of its executor.
 */
public final class OciExecutor {
    private OciExecutor() {}

    /**
     * Opens the directory of runs. An engine that does not answer is waited for by each run.
     *
     * @param settings how it works
     * @param buffers opens the container of a buffer by its ID
     * @return the executor, which owns the directory until it is closed
     * @throws dev.forebay.base.LockedException if another executor has the directory
     */
    public static Executor open(OciSettings settings, Function<String, Container> buffers)
            throws IOException {
        return HostExecutor.open(
                settings.host(),
                () -> new EngineHost(settings, identity(settings.host().directory())),
                buffers);
    }

    /** The word by which this directory's containers are known at the engine. */
    private static String identity(Path directory) throws IOException {
        Path file = directory.resolve("identity");
        try {
            return Files.readString(file).strip();
        } catch (NoSuchFileException e) {
            String fresh = UUID.randomUUID().toString();
            Path aside = directory.resolve("identity.new");
            Files.writeString(aside, fresh + "\n");
            Disk.system().rename(aside, file);
            Disk.system().syncDirectory(directory);
            return fresh;
        }
    }

    /**
     * Name and version of the engine at a socket; blocks for a minute at most.
     *
     * @param socket where the engine listens
     * @return such as {@code Podman Engine 4.3.1}
     * @throws IOException if it does not answer
     */
    public static String engineVersion(Path socket) throws IOException {
        return new Engine(socket).version();
    }
}
