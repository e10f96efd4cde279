package dev.forebay.run;

import dev.forebay.base.Worker;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The named pipe to which a program writes its standard output and standard error, and the thread
 * that carries them into the log.
 *
 * <p><b>Guarantee.</b> All that was written before {@link #finish} is in the log when that returns.
 *
 * <p><b>Limit.</b> A process that outlives the run and holds the pipe is waited for as long as
 * {@link #finish} says.
 */
public final class LogPipe implements AutoCloseable {
    private final NamedPipe pipe;
    private final FileChannel source;

    /** Held open by this side, so that the pipe has no end before {@link #finish}. */
    private final FileChannel ours;

    private final CountDownLatch gone = new CountDownLatch(1);
    private final Worker worker;

    private LogPipe(
            NamedPipe pipe,
            FileChannel source,
            FileChannel ours,
            RunLog log,
            Consumer<? super Throwable> failed) {
        this.pipe = pipe;
        this.source = source;
        this.ours = ours;
        this.worker = Worker.platform("forebay-run-log", () -> copy(log), failed);
    }

    /**
     * Makes the pipe, mode 0600, and starts to read it.
     *
     * @param path of the pipe, whose name must be free
     * @param log takes the lines
     * @param failed gets the reason if reading the pipe fails; the program may block then
     * @return the pipe, to be finished and closed
     * @throws IOException if it cannot be made
     */
    public static LogPipe create(Path path, RunLog log, Consumer<? super Throwable> failed)
            throws IOException {
        NamedPipe pipe = NamedPipe.create(path);
        try (FileChannel _ = pipe.openBoth()) {
            return new LogPipe(pipe, pipe.openReader(), pipe.awaitReader(), log, failed);
        }
    }

    private void copy(RunLog log) throws IOException {
        try {
            log.copy(Channels.newInputStream(source));
        } finally {
            gone.countDown();
        }
    }

    /**
     * Where the pipe is.
     *
     * @return the path that was given
     */
    public Path path() {
        return pipe.path();
    }

    /**
     * No process of the run is left: reads what there is. False if the pipe is still held.
     *
     * @param patience for the last bytes
     * @return whether its end was seen
     * @throws IOException if it cannot be read
     * @throws InterruptedException if the thread is interrupted
     */
    public boolean finish(Duration patience) throws IOException, InterruptedException {
        ours.close();
        return gone.await(patience.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Ends the thread and removes the pipe. */
    @Override
    public void close() throws IOException {
        ours.close();
        source.close();
        worker.join();
        Files.deleteIfExists(pipe.path());
    }
}
