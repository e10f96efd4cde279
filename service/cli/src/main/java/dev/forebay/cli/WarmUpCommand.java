package dev.forebay.cli;

import dev.forebay.blob.SmallBlob;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * Does, in one process, what users do most: buffers are created, written, read and listed. The
 * launcher runs it once after a build, with the JDK recording what was loaded and linked; later
 * starts take that from the record instead of doing it again.
 */
@Command(name = "warm-up", hidden = true, description = "Rehearse for the AOT cache.")
final class WarmUpCommand implements Callable<Integer> {
    private static final int ROUNDS = 3;

    /** Bytes of a transfer of many blocks, and of each: one more than are put together. */
    private static final int MANY = 8 << 20;

    private static final int ALONE = SmallBlob.LARGEST + 1;

    /** Bytes of a transfer of many blocks that are put together. */
    private static final int TOGETHER = 2 << 20;

    /** Blocks of a trickle. */
    private static final int FEW = 150;

    /** Bytes of a small block. */
    private static final int SMALLEST = 1 << 10;

    @Mixin private Session session;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        String url = session.uri().toString();
        Path directory = Files.createTempDirectory("forebay-warm-up");
        try {
            Path input = Files.write(directory.resolve("input"), new byte[1 << 20]);
            int code = run(url, "buffer", "create", "--tag", "for=warm-up");
            for (int i = 0; i < ROUNDS && code == 0; i++) {
                code = round(url, input, directory);
            }
            code = code == 0 ? manyBlocks(url, directory, MANY, ALONE) : code;
            code = code == 0 ? manyBlocks(url, directory, TOGETHER, SMALLEST) : code;
            code = code == 0 ? trickle(url) : code;
            return code == 0 ? run(url, "buffer", "list", "--format", "table") : code;
        } finally {
            removeTree(directory);
        }
    }

    /**
     * Many blocks in a row, so that the record holds how the code between them behaves: the
     * compiler takes a trained method up once, instead of first with counters. They are few and
     * small enough to be digested by the JDK: the lanes are of a module that is loaded late, and
     * with its classes in the record the JDK makes no cache.
     */
    private int manyBlocks(String url, Path directory, int bytes, int block) throws IOException {
        Path input = Files.write(directory.resolve("many"), new byte[bytes]);
        String id = create();
        String size = Integer.toString(block);
        int code = run(url, "buffer", "write", id, "-i", input.toString(), "-b", size);
        return code == 0
                ? run(url, "buffer", "read", id, "-o", directory.resolve(id).toString())
                : code;
    }

    /**
     * A few blocks, each written once the one before came out of a reader that follows: what a
     * scanner does, whose first blocks would otherwise meet code that no process has run.
     */
    private int trickle(String url) throws IOException {
        String id = create();
        Pipe in = Pipe.open();
        Pipe out = Pipe.open();
        Shell shell =
                new Shell(
                        System::getenv,
                        in::source,
                        out::sink,
                        Shell.of(spec).rawOut(),
                        Shell.of(spec).rawErr(),
                        () -> false,
                        _ -> Optional.empty());
        try (ExecutorService commands = Executors.newThreadPerTaskExecutor(Thread::new);
                Pipe.SourceChannel read = out.source();
                Pipe.SinkChannel write = in.sink()) {
            Run put = command(shell, url, "buffer", "write", id, "--flush-interval", "1ms");
            Run get = command(shell, url, "buffer", "read", id);
            Future<Integer> writer =
                    commands.submit(() -> {
                        int code = put.call();
                        if (code != 0) {
                            commands.shutdownNow(); // The reader would wait for the writer.
                        }
                        return code;
                    });
            Future<Integer> reader =
                    commands.submit(() -> {
                        try (Pipe.SinkChannel _ = out.sink()) {
                            return get.call();
                        }
                    });
            ByteBuffer block = ByteBuffer.allocate(SMALLEST);
            for (int i = 0; i < FEW && !writer.isDone() && !reader.isDone(); i++) {
                write.write(block.clear());
                block.clear();
                while (block.hasRemaining() && read.read(block) >= 0) {}
            }
            write.close();
            return Math.max(writer.get(), reader.get());
        } catch (ExecutionException e) {
            throw new IOException("the rehearsal of a trickle ended with " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted in the rehearsal of a trickle");
        }
    }

    /** The code of the first command that failed, which has said why, or 0. */
    private int round(String url, Path input, Path directory) throws IOException {
        String id = create();
        String output = directory.resolve(id).toString();
        return Stream.<String[]>of(
                        new String[] {"buffer", "access", id},
                        new String[] {"buffer", "show", id},
                        new String[] {"buffer", "write", id, "-i", input.toString()},
                        new String[] {"buffer", "read", id, "-o", output},
                        new String[] {"buffer", "list"},
                        new String[] {"buffer", "create", "--tag", "for=warm-up"})
                .mapToInt(command -> run(url, command))
                .filter(code -> code != 0)
                .findFirst()
                .orElse(0);
    }

    private int run(String url, String... command) {
        return command(Shell.of(spec), url, command).call();
    }

    /** A command, to be run. */
    private interface Run extends Callable<Integer> {
        @Override
        Integer call();
    }

    private static Run command(Shell shell, String url, String... command) {
        String[] args = Arrays.copyOf(command, command.length + 2);
        args[command.length] = "--server";
        args[command.length + 1] = url;
        return () -> Forebay.run(shell, args);
    }

    private String create() throws IOException {
        return session.client().create(Map.of()).id();
    }

    private static void removeTree(Path directory) throws IOException {
        try (Stream<Path> walk = Files.walk(directory)) {
            for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
