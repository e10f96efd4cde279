package dev.forebay.cli;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.Worker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The output of a command as the input of a write.
 *
 * <p><b>Guarantee.</b> The end of the input is reported only after the output has ended and the
 * command has ended with 0. Otherwise a read fails: if the command ends with another code, and if
 * another process holds the output for longer than a stated time after the command has ended.
 *
 * <p><b>Limit.</b> Only the command itself is ended by {@link #close}, not what it has started.
 *
 * <p>The output comes through a named pipe, which is removed once the command has started. A pipe
 * of Java's own would report an end as soon as the command has ended, also where another process
 * still writes to it.
 *
 * <p>One thread reads; reads block until there is output. A thread of its own waits for the end of
 * the command.
 */
final class CommandInput implements ReadableByteChannel {
    /** More than a pipe holds: after that many bytes, the output is not the command's own. */
    private static final long LARGEST_PIPE = 1 << 20;

    private static final Duration TIME_TO_END = Duration.ofSeconds(5);

    private final String name;
    private final Process process;
    private final FileChannel output;
    private final Duration exitGrace;
    private final Clock clock = Clock.system();
    private final Worker watcher;

    private final ReentrantLock lock = new ReentrantLock();

    /** Signalled when a read begins or ends, and when this is closed. */
    private final Condition changed = lock.newCondition();

    @GuardedBy("lock")
    private boolean reading;

    /** When the current read began, on the monotonic clock. */
    @GuardedBy("lock")
    private long readingSince;

    @GuardedBy("lock")
    private boolean ended;

    @GuardedBy("lock")
    private boolean exited;

    /** When the command was seen to have ended, on the monotonic clock. */
    @GuardedBy("lock")
    private long exitedAt;

    @GuardedBy("lock")
    private long bytes;

    @GuardedBy("lock")
    private long bytesAfterExit;

    /** Why the watcher closed the output. */
    @GuardedBy("lock")
    private @Nullable IOException closedFor;

    private CommandInput(String name, Process process, FileChannel output, Duration exitGrace) {
        this.name = name;
        this.process = process;
        this.output = output;
        this.exitGrace = exitGrace;
        this.watcher =
                Worker.platform(
                        "forebay-command",
                        this::watch,
                        e -> closeOutput(new IOException("the command could not be watched", e)));
    }

    /**
     * Starts the command, with standard input and standard error of this process.
     *
     * @param words the program and its arguments
     * @param exitGrace how long the output may stay open after the command has ended
     * @throws CommandNotStartedException if it could not be started
     */
    static CommandInput start(List<String> words, Duration exitGrace, Shell shell)
            throws IOException {
        Path program = UserProgram.find(words.getFirst(), shell);
        Path folder = Files.createTempDirectory("forebay-command");
        Path pipe = folder.resolve("output");
        try {
            UnixCalls.makePipe(pipe);
            // To open only one end of a pipe waits for the other.
            try (FileChannel _ =
                    FileChannel.open(pipe, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                return start(words, program, pipe, exitGrace);
            }
        } finally {
            Files.deleteIfExists(pipe);
            Files.delete(folder);
        }
    }

    private static CommandInput start(
            List<String> words, Path program, Path pipe, Duration exitGrace) throws IOException {
        FileChannel output = FileChannel.open(pipe);
        @Nullable Process process = null;
        @Nullable CommandInput input = null;
        try {
            process = start(words, program, pipe);
            input = new CommandInput(words.getFirst(), process, output, exitGrace);
            return input;
        } finally {
            if (input == null) {
                output.close();
                if (process != null) {
                    process.destroyForcibly();
                }
            }
        }
    }

    private static Process start(List<String> words, Path program, Path pipe)
            throws CommandNotStartedException {
        ProcessBuilder builder =
                new ProcessBuilder(words)
                        .redirectInput(ProcessBuilder.Redirect.INHERIT)
                        .redirectOutput(pipe.toFile())
                        .redirectError(ProcessBuilder.Redirect.INHERIT);
        ChildEnvironment.restore(builder.environment());
        try {
            return builder.start();
        } catch (IOException e) {
            throw new CommandNotStartedException(
                    CommandNotStartedException.NOT_EXECUTABLE,
                    "the command '%s' could not be started: %s; the buffer is untouched"
                            .formatted(program, e.getMessage()),
                    e);
        }
    }

    /** Sends the command a signal, by its number. */
    void signal(int number) {
        if (process.isAlive()) {
            UnixCalls.kill(process.pid(), number);
        }
    }

    @Override
    public int read(ByteBuffer to) throws IOException {
        beginRead();
        int count = 0;
        try {
            count = output.read(to);
        } catch (ClosedByInterruptException e) {
            throw e;
        } catch (ClosedChannelException e) {
            throw reasonOf(e);
        } finally {
            endRead(count);
        }
        if (count < 0) {
            checkExit();
        }
        return count;
    }

    private IOException reasonOf(ClosedChannelException e) {
        lock.lock();
        try {
            return closedFor == null ? e : closedFor;
        } finally {
            lock.unlock();
        }
    }

    private void beginRead() throws IOException {
        lock.lock();
        try {
            boolean othersOutput = exited && bytesAfterExit > LARGEST_PIPE;
            if (othersOutput && clock.nanos() - exitedAt > exitGrace.toNanos()) {
                throw heldOpen();
            }
            reading = true;
            readingSince = clock.nanos();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void endRead(int count) {
        lock.lock();
        try {
            reading = false;
            ended |= count < 0;
            bytes += Math.max(0, count);
            bytesAfterExit += exited ? Math.max(0, count) : 0;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private static String seconds(Duration time) {
        return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
    }

    private IOException heldOpen() {
        return new IOException(
                "the command '%s' has ended, but another process still holds its output %s later; end that process too, or give --exit-grace"
                        .formatted(name, seconds(exitGrace)));
    }

    /** The output has ended; blocks until the command has ended too. */
    private void checkExit() throws IOException {
        int code;
        try {
            code = process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the wait for the end of the command was interrupted", e);
        }
        if (code != 0) {
            throw new IOException(
                    "the command '%s' ended with exit code %d and not with 0, after %s of output"
                            .formatted(name, code, ByteSize.of(total())));
        }
    }

    private long total() {
        lock.lock();
        try {
            return bytes;
        } finally {
            lock.unlock();
        }
    }

    /** Ends a read that waits for longer than the grace time after the command has ended. */
    private void watch() {
        try {
            process.waitFor();
            if (awaitEndOfOutput()) {
                return;
            }
        } catch (InterruptedException e) {
            return; // This is being closed.
        }
        closeOutput(heldOpen());
    }

    /** Blocks until the output has ended; false if the grace time is over first. */
    private boolean awaitEndOfOutput() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            exited = true;
            exitedAt = clock.nanos();
            while (!ended) {
                if (reading) {
                    long from = Math.max(0, readingSince - exitedAt) + exitedAt;
                    long deadline = from + exitGrace.toNanos();
                    if (deadline - clock.nanos() <= 0) {
                        return false;
                    }
                    clock.await(lock, changed, deadline);
                } else {
                    changed.await();
                }
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void closeOutput(IOException reason) {
        lock.lock();
        try {
            closedFor = reason;
        } finally {
            lock.unlock();
        }
        try {
            output.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public boolean isOpen() {
        return output.isOpen();
    }

    /** Ends the command if it still runs: by SIGTERM, and after 5 s by SIGKILL. */
    @Override
    public void close() throws IOException {
        watcher.interrupt();
        watcher.join();
        try {
            output.close();
        } finally {
            endCommand();
        }
    }

    private void endCommand() {
        process.destroy();
        boolean interrupted = false;
        try {
            if (!process.waitFor(TIME_TO_END)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            interrupted = true;
            process.destroyForcibly();
        }
        process.onExit().join();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
