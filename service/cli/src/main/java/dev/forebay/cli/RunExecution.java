package dev.forebay.cli;

import dev.forebay.base.Worker;
import dev.forebay.blobhttp.HttpContainer;
import dev.forebay.client.ForebayClient;
import dev.forebay.client.Permission;
import dev.forebay.client.RemoteRelay;
import dev.forebay.client.RunInfo;
import dev.forebay.client.RunLogQuery;
import dev.forebay.stream.BufferReader;
import dev.forebay.stream.BufferWriter;
import dev.forebay.stream.ReadOptions;
import dev.forebay.stream.WriteOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A run with its standard streams: a thread each for its state, its input, its output and its log.
 *
 * <p><b>Guarantee.</b> If the calling thread is interrupted, the input is marked failed before
 * {@link #await} throws. <b>Limit.</b> The run goes on if this process ends. For one thread.
 */
final class RunExecution implements AutoCloseable {
    /** How long the log may take to end after the run. */
    private static final long LOG_SECONDS = 20;

    /** How long the run may take to end after a transfer that failed. */
    private static final long RUN_SECONDS = 60;

    private final ForebayClient client;
    private final RunInfo run;
    private final Shell shell;
    private final List<Worker> transfers = new ArrayList<>();
    private final List<CompletableFuture<Void>> transferred = new ArrayList<>();
    private final CompletableFuture<RunInfo> ended = new CompletableFuture<>();

    /** Only ever completed by a transfer that failed. */
    private final CompletableFuture<RunInfo> failed = new CompletableFuture<>();

    private CompletableFuture<Void> logged = CompletableFuture.completedFuture(null);

    RunExecution(ForebayClient client, RunInfo run, Shell shell) {
        this.client = client;
        this.run = run;
        this.shell = shell;
        Worker _ =
                Worker.virtual(
                        "forebay-run-watch",
                        () -> ended.complete(watch()),
                        ended::completeExceptionally);
    }

    private RunInfo watch() throws IOException, InterruptedException {
        ServerRestart restart = ServerRestart.of(said -> shell.err().println("Warning: " + said));
        return restart.rideOver(() -> client.runs().watch(run.id(), _ -> restart.answered()));
    }

    private HttpContainer container(String id, Permission permission) {
        return client.buffer(id).container(permission, run.bufferAccessTtl());
    }

    private String buffer(String parameter) {
        Map<String, String> buffers = run.buffers();
        return buffers.entrySet().stream()
                .filter(entry -> entry.getKey().equalsIgnoreCase(parameter))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseThrow(() ->
                        new IllegalStateException("the server made no buffer for " + parameter));
    }

    /** Begins to write standard input to the buffer of a parameter. */
    void write(String parameter, WriteOptions options) {
        transfer(
                "forebay-run-input",
                () -> {
                    String id = buffer(parameter);
                    try (ReadableByteChannel from = shell.input()) {
                        if (RemoteRelay.isId(id)) {
                            client.relay(id).write(from, run.bufferAccessTtl());
                            return;
                        }
                        try (HttpContainer to = container(id, Permission.WRITE)) {
                            new BufferWriter(to, options).write(from);
                        }
                    }
                });
    }

    /** Begins to write the buffer of a parameter to standard output. */
    void read(String parameter, ReadOptions options) {
        transfer(
                "forebay-run-output",
                () -> {
                    String id = buffer(parameter);
                    try (WritableByteChannel to = shell.output()) {
                        if (RemoteRelay.isId(id)) {
                            client.relay(id).read(to, run.bufferAccessTtl());
                            return;
                        }
                        try (HttpContainer from = container(id, Permission.READ)) {
                            new BufferReader(from, options).read(to);
                        }
                    }
                });
    }

    private void transfer(String name, Worker.Task task) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        transferred.add(done);
        transfers.add(
                Worker.platform(
                        name,
                        () -> {
                            task.run();
                            done.complete(null);
                        },
                        failure -> {
                            done.completeExceptionally(failure);
                            failed.completeExceptionally(failure);
                        }));
    }

    /** Begins to print the log on standard error. */
    void log(boolean timestamps) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        logged = done;
        Worker _ =
                Worker.virtual(
                        "forebay-run-log",
                        () -> {
                            copyLog(timestamps);
                            done.complete(null);
                        },
                        done::completeExceptionally);
    }

    /** Says nothing of a restart: the watch does. */
    private void copyLog(boolean timestamps) throws IOException, InterruptedException {
        RunLogQuery all = new RunLogQuery(true, timestamps, null, null);
        try (OutputStream out = new TextOutput(shell.rawErr())) {
            new FollowedLog(client.runs(), run.id(), all, ServerRestart.of(_ -> {}), out).copy();
        }
    }

    /**
     * Waits for the end of the run, and then of its transfers and its log.
     *
     * @throws IOException if the run has not succeeded
     */
    void await() throws IOException, InterruptedException {
        try (Interruption _ = Interruption.ofThisThread(shell)) {
            RunInfo last = end();
            if (!last.status().equals("Succeeded")) {
                awaitLog();
                throw new IOException(
                        "run failed with status %s%s; 'forebay run show %d' prints it"
                                .formatted(
                                        last.status(),
                                        last.statusReason()
                                                .map(reason -> " (" + reason + ")")
                                                .orElse(""),
                                        run.id()));
            }
            for (CompletableFuture<Void> each : transferred) {
                get(each);
            }
            awaitLog();
        } catch (InterruptedException e) {
            transfers.forEach(Worker::interrupt);
            transfers.forEach(Worker::join);
            throw e;
        }
    }

    /** The last state. A run that fails fails its transfers, so it is asked first. */
    private RunInfo end() throws IOException, InterruptedException {
        try {
            CompletableFuture.anyOf(ended, failed).get();
        } catch (ExecutionException e) {
            try {
                RunInfo last = ended.get(RUN_SECONDS, TimeUnit.SECONDS);
                if (!last.status().equals("Succeeded")) {
                    return last;
                }
            } catch (ExecutionException | TimeoutException later) {
                e.addSuppressed(later);
            }
            throw thrown(e);
        }
        return get(ended);
    }

    private void awaitLog() throws IOException, InterruptedException {
        try {
            logged.get(LOG_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            shell.err().println("Warning: Timed out waiting for logs to finish streaming");
        } catch (ExecutionException e) {
            throw thrown(e);
        }
    }

    private static <T> T get(CompletableFuture<T> future) throws IOException, InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw thrown(e);
        }
    }

    /** The failure as the thread threw it. */
    private static IOException thrown(ExecutionException e) {
        return switch (Objects.requireNonNull(e.getCause())) {
            case IOException io -> io;
            case RuntimeException other -> throw other;
            case Error error -> throw error;
            case Throwable other -> new IOException(other);
        };
    }

    /** Leaves the threads that still wait for the streams of this process to its end. */
    @Override
    public void close() {
        transfers.forEach(Worker::interrupt);
    }
}
