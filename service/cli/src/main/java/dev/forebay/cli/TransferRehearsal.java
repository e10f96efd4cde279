package dev.forebay.cli;

import dev.forebay.blob.SmallBlob;
import dev.forebay.client.ForebayClient;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Transfers for the record that {@link WarmUpCommand} explains: of one block, of many, and of
 * blocks that come now and then. Each method returns the code of the command that failed, which has
 * said why, or 0.
 */
final class TransferRehearsal {
    private static final int ROUNDS = 3;

    /** Bytes of a transfer of one block. */
    private static final int ONE = 1 << 20;

    /** Bytes of a transfer of many blocks, and of each: one more than are put together. */
    private static final int MANY = 8 << 20;

    private static final int ALONE = SmallBlob.LARGEST + 1;

    /** Bytes of a transfer of many blocks that are put together. */
    private static final int TOGETHER = 2 << 20;

    /** Blocks of a trickle. */
    private static final int FEW = 150;

    /** Bytes of a small block. */
    private static final int SMALLEST = 1 << 10;

    private final ForebayClient client;
    private final WarmUpCommand.Commands commands;
    private final Shell shell;
    private final Path folder;

    /** Of buffers at the server of both, with files in {@code folder}, which stay there. */
    TransferRehearsal(
            ForebayClient client, WarmUpCommand.Commands commands, Shell shell, Path folder) {
        this.client = client;
        this.commands = commands;
        this.shell = shell;
        this.folder = folder;
    }

    int run() throws IOException {
        int code = 0;
        for (int i = 0; i < ROUNDS && code == 0; i++) {
            code = blocks(ONE, ONE);
        }
        code = code == 0 ? blocks(MANY, ALONE) : code;
        code = code == 0 ? blocks(TOGETHER, SMALLEST) : code;
        return code == 0 ? trickle() : code;
    }

    /**
     * Blocks in a row; many, so that the record holds how the code between them behaves: the
     * compiler takes a trained method up once, instead of first with counters. They are few and
     * small enough to be digested by the JDK: the lanes are of a module that is loaded late, and
     * with its classes in the record the JDK makes no cache.
     */
    private int blocks(int bytes, int block) throws IOException {
        Path input = Files.write(folder.resolve("input"), new byte[bytes]);
        String id = create();
        String size = Integer.toString(block);
        int code = run("buffer", "write", id, "-i", input.toString(), "-b", size);
        return code == 0 ? run("buffer", "read", id, "-o", folder.resolve(id).toString()) : code;
    }

    /**
     * A few blocks, each written once the one before came out of a reader that follows: what a
     * scanner does, whose first blocks would otherwise meet code that no process has run.
     */
    private int trickle() throws IOException {
        String id = create();
        Pipe in = Pipe.open();
        Pipe out = Pipe.open();
        Shell piped =
                new Shell(
                        System::getenv,
                        in::source,
                        out::sink,
                        shell.rawOut(),
                        shell.rawErr(),
                        () -> false,
                        _ -> Optional.empty());
        try (ExecutorService both = Executors.newThreadPerTaskExecutor(Thread::new);
                Pipe.SourceChannel read = out.source();
                Pipe.SinkChannel write = in.sink()) {
            Future<Integer> writer =
                    both.submit(() -> {
                        int code =
                                commands.run(
                                        piped, "buffer", "write", id, "--flush-interval", "1ms");
                        if (code != 0) {
                            both.shutdownNow(); // The reader would wait for the writer.
                        }
                        return code;
                    });
            Future<Integer> reader =
                    both.submit(() -> {
                        try (Pipe.SinkChannel _ = out.sink()) {
                            return commands.run(piped, "buffer", "read", id);
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

    private String create() throws IOException {
        return client.create(Map.of()).id();
    }

    private int run(String... command) {
        return commands.run(shell, command);
    }
}
