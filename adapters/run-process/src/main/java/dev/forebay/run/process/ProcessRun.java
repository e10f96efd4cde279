package dev.forebay.run.process;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import dev.forebay.base.Reason;
import dev.forebay.blob.Container;
import dev.forebay.run.Invocation;
import dev.forebay.run.LogLine;
import dev.forebay.run.LogPipe;
import dev.forebay.run.LogQuery;
import dev.forebay.run.LogReader;
import dev.forebay.run.NoSuchRunException;
import dev.forebay.run.Observation;
import dev.forebay.run.Outcome;
import dev.forebay.run.Outputs;
import dev.forebay.run.Parameter;
import dev.forebay.run.Pipes;
import dev.forebay.run.Reporter;
import dev.forebay.run.RunLog;
import dev.forebay.run.RunLogException;
import dev.forebay.run.RunOrder;
import dev.forebay.run.RunRefusedException;
import dev.forebay.run.TransferFailure;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One run from its order to its end.
 *
 * <p><b>Guarantee.</b> {@link #live} ends with one {@link Observation.Ended}, whatever fails. By
 * then no process of the run is left, its outputs have their end markers as far as their container
 * can be reached, and the outcome is on the disk. The first reason to stop is the one that counts;
 * one that comes after all outputs are complete comes too late.
 *
 * <p><b>Limit.</b> If the watcher fails while the executor closes, it is not called again: the
 * outcome on the disk is for the next server.
 */
final class ProcessRun {
    /** What a process that outlives the run may hold up its log. */
    private static final Duration STRAGGLER = Duration.ofSeconds(10);

    private static final String HELD =
            "a process that outlives the run holds its standard output open; end it";

    /** How often the processes of a run that is to end are looked for. */
    private static final Duration POLL = Duration.ofMillis(50);

    private final RunOrder order;
    private final Reporter reporter;
    private final ProcessSettings settings;
    private final Tools tools;
    private final Function<String, Container> buffers;
    private final Clock clock;
    private final RunDirectory directory;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** Why the run is to end before its program does. */
    @GuardedBy("lock")
    private @Nullable Outcome stop;

    @GuardedBy("lock")
    private boolean exited;

    /** Once the program has ended: the pipes whose transfers a stop ends. */
    @GuardedBy("lock")
    private @Nullable Pipes finishing;

    @GuardedBy("lock")
    private boolean closing;

    /** Nothing is left to do for the run but to tell its end. */
    @GuardedBy("lock")
    private boolean over;

    @GuardedBy("lock")
    private @Nullable RunLog log;

    ProcessRun(
            RunOrder order,
            Reporter reporter,
            ProcessSettings settings,
            Tools tools,
            Function<String, Container> buffers) {
        this.order = order;
        this.reporter = reporter;
        this.settings = settings;
        this.tools = tools;
        this.buffers = buffers;
        this.clock = settings.clock();
        this.directory = RunDirectory.of(settings.directory(), order.run());
    }

    long number() {
        return order.run();
    }

    /** Ends the run for this reason, unless another came first. Returns at once. */
    void stop(Outcome why) {
        fail(why);
        lock.lock();
        try {
            if (finishing != null) {
                finishing.abort();
            }
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #stop}, and transfers under way go on to their end once the program has ended. */
    private void fail(Outcome why) {
        lock.lock();
        try {
            if (stop == null) {
                stop = why;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #stop}, and a watcher that fails is not called again. */
    void close() {
        lock.lock();
        try {
            closing = true;
        } finally {
            lock.unlock();
        }
        reporter.close();
        stop(Outcome.serverLost());
    }

    /** Executes the run, or brings it to its end if another server left it. Blocks. */
    void live() throws InterruptedException {
        Observation.Ended ended = end();
        lock.lock();
        try {
            over = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        reporter.ended(ended);
    }

    /** Whether nothing is left to do for the run but to tell its end. */
    boolean isOver() {
        lock.lock();
        try {
            return over;
        } finally {
            lock.unlock();
        }
    }

    private Observation.Ended end() throws InterruptedException {
        Outcome outcome;
        try {
            Optional<Observation.Ended> before = directory.outcome().read();
            if (before.isPresent()) {
                reopenLog();
                return before.get();
            }
            Optional<RunRecord> record = directory.readRecord();
            outcome = record.isPresent() ? endLost(record.get()) : executeUnlessStopped();
        } catch (IOException | RuntimeException | Error e) {
            outcome = failed(e);
        }
        Observation.Ended ended = new Observation.Ended(outcome, clock.wall());
        store(ended);
        return ended;
    }

    private static Outcome failed(Throwable e) {
        return Outcome.failed(
                e instanceof RunRefusedException
                        ? Reason.of(e)
                        : "the executor failed: " + Reason.of(e));
    }

    /** The watcher hears of the end in any case; the file is for a server that ends before that. */
    private void store(Observation.Ended ended) {
        try {
            directory.outcome().write(ended);
        } catch (IOException e) {
            System.getLogger(ProcessRun.class.getName())
                    .log(
                            System.Logger.Level.WARNING,
                            "the end of run %d (%s) could not be stored in %s; if the server ends now, the run will be taken for lost"
                                    .formatted(
                                            order.run(),
                                            ended.outcome().status().text(),
                                            directory.path()),
                            e);
        }
    }

    private Outcome endLost(RunRecord record) throws IOException, InterruptedException {
        new RunProcesses(record).kill(clock);
        directory.removeWork();
        reopenLog();
        return withUnmarked(
                Outcome.serverLost(),
                Outputs.failAbandoned(
                        order.program().parameters(),
                        this::buffer,
                        settings.transfers().writing()));
    }

    private Outcome executeUnlessStopped() throws IOException, InterruptedException {
        directory.remove();
        boolean begun = false;
        Outcome outcome;
        try {
            directory.create(tools.user().isPresent());
            Outcome early = stopped();
            if (early == null) {
                try (RunLog opened = openLog();
                        LogPipe output =
                                LogPipe.create(directory.logPipe(), opened, this::logFailed);
                        Pipes pipes = createPipes()) {
                    begun = true;
                    return execute(output, pipes);
                } finally {
                    directory.removeWork();
                }
            }
            outcome = early;
        } catch (IOException | RuntimeException e) {
            if (begun) {
                throw e;
            }
            outcome = failed(e);
        }
        return withUnmarked(
                outcome,
                Outputs.failUnbegun(
                        order.program().parameters(),
                        this::buffer,
                        settings.transfers().writing()));
    }

    private static Outcome withUnmarked(Outcome outcome, Optional<TransferFailure> unmarked) {
        return unmarked.map(failure ->
                        new Outcome(
                                outcome.status(),
                                Optional.of(
                                        "%s; output %s could not be marked failed: %s"
                                                .formatted(
                                                        outcome.reason().orElse(""),
                                                        failure.parameter().name(),
                                                        failure.reason()))))
                .orElse(outcome);
    }

    private RunLog openLog() throws IOException {
        RunLog opened = RunLog.create(directory.log(), settings.log(), clock);
        showLog(opened);
        return opened;
    }

    /** The log that another server left, if the run got as far as that. */
    private void reopenLog() throws IOException {
        try (RunLog opened = RunLog.reopen(directory.log(), settings.log(), clock)) {
            showLog(opened);
        } catch (NoSuchFileException e) {
            return;
        }
    }

    private void showLog(RunLog opened) {
        lock.lock();
        try {
            log = opened;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void logFailed(Throwable reason) {
        fail(Outcome.failed("the log could not be read: " + Reason.of(reason)));
    }

    private Pipes createPipes() throws IOException {
        return Pipes.create(
                directory.pipes(),
                order.program().parameters(),
                clock,
                failure -> fail(Outcome.transferFailed(failure)));
    }

    private Container buffer(Parameter parameter) {
        return buffers.apply(Objects.requireNonNull(order.buffers().get(parameter.name())));
    }

    private Outcome execute(LogPipe output, Pipes pipes) throws IOException, InterruptedException {
        Map<String, Container> containers = new HashMap<>();
        for (Parameter parameter : order.program().parameters()) {
            containers.put(parameter.name(), buffer(parameter));
        }
        pipes.begin(containers, settings.transfers());
        Outcome outcome;
        try {
            outcome = executeProgram(output, pipes);
        } catch (IOException | RuntimeException e) {
            outcome = failed(e);
        }
        if (!output.finish(STRAGGLER)) {
            outcome = outcome.succeeded() ? Outcome.failed(HELD) : outcome;
        }
        lock.lock();
        try {
            finishing = pipes;
            if (outcome.succeeded() && stop != null) {
                outcome = stop;
            }
        } finally {
            lock.unlock();
        }
        Optional<TransferFailure> failure = pipes.finish(outcome.succeeded());
        return outcome.succeeded() && failure.isPresent()
                ? stoppedOr(Outcome.transferFailed(failure.get()))
                : outcome;
    }

    private @Nullable Outcome stopped() {
        lock.lock();
        try {
            return stop;
        } finally {
            lock.unlock();
        }
    }

    private Outcome stoppedOr(Outcome other) {
        Outcome why = stopped();
        return why == null ? other : why;
    }

    private Outcome executeProgram(LogPipe output, Pipes pipes)
            throws IOException, InterruptedException {
        Invocation invocation = order.program().resolve(pipes.paths());
        RunRecord record = RunRecord.fresh(ProcessTable.boot());
        directory.writeProgram(
                Shell.program(
                        tools.env(),
                        record.variable(),
                        invocation,
                        order.program().workingDirectory().orElse(directory.work().toString()),
                        order.program().resources().memoryLimit()));
        if (tools.user().isPresent()) {
            directory.giveTo(tools.user().get().name(), pipes.paths().values());
        }
        directory.begin(record);
        try {
            Process process = start(record, output);
            RunRecord whole =
                    ProcessTable.find(process.pid())
                            .map(entry -> record.withSupervisor(entry.id()))
                            .orElse(record);
            directory.write(whole);
            reporter.started(clock.wall());
            return supervise(process, new RunProcesses(whole));
        } finally {
            new RunProcesses(record).kill(clock);
        }
    }

    /** Starts the supervisor, to which nothing is handed down but the three standard streams. */
    private Process start(RunRecord record, LogPipe output) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(tools.commandLine(directory))
                        .directory(directory.path().toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.path().toFile());
        builder.environment().clear();
        builder.environment().put(RunRecord.VARIABLE, record.mark());
        Process process = builder.start();
        CompletableFuture<Process> _ = process.onExit().whenComplete((_, _) -> exited());
        return process;
    }

    private void exited() {
        lock.lock();
        try {
            exited = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private Outcome supervise(Process process, RunProcesses processes)
            throws IOException, InterruptedException {
        try (OutputStream _ = process.getOutputStream()) {
            Outcome why = awaitEnd(clock.deadline(order.timeout()));
            if (why == null) {
                return Outcome.exited(process.exitValue());
            }
            Set<ProcessTable.Id> asked = new HashSet<>();
            long deadline = clock.deadline(settings.grace());
            while (!awaitExit(POLL, deadline)) {
                processes.terminate(asked);
            }
            processes.kill(clock);
            return why;
        }
    }

    /** Null if the program ended before there was a reason to stop it, else that reason. */
    private @Nullable Outcome awaitEnd(long deadline) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!exited && stop == null && deadline - clock.nanos() > 0) {
                clock.await(lock, changed, deadline);
            }
            if (!exited && stop == null) {
                stop = Outcome.timedOut(order.timeout());
            }
            return exited ? null : stop;
        } finally {
            lock.unlock();
        }
    }

    /**
     * True if the process has ended; false when the pause is over, or true when the deadline is.
     */
    private boolean awaitExit(Duration pause, long deadline) throws InterruptedException {
        long wake = clock.deadline(pause);
        long end = wake - deadline < 0 ? wake : deadline;
        lock.lockInterruptibly();
        try {
            while (!exited && end - clock.nanos() > 0) {
                clock.await(lock, changed, end);
            }
            return exited || deadline - clock.nanos() <= 0;
        } finally {
            lock.unlock();
        }
    }

    /** The log as soon as there is one; null if the run, or the executor, ended without. */
    private @Nullable RunLog awaitLog(boolean wait) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (wait && log == null && !over && !closing) {
                changed.await();
            }
            return log;
        } finally {
            lock.unlock();
        }
    }

    /** Reads the log, that of a run that waits for its start included. */
    LogReader read(LogQuery query) {
        return new RunReader(query);
    }

    /** Opens the log when the first line is asked for. */
    private final class RunReader implements LogReader {
        private final LogQuery query;
        private @Nullable LogReader lines;

        RunReader(LogQuery query) {
            this.query = query;
        }

        @Override
        public @Nullable LogLine next() throws InterruptedException {
            if (lines == null) {
                RunLog opened = awaitLog(query.follow());
                if (opened == null) {
                    return null;
                }
                try {
                    lines = opened.read(query);
                } catch (RunLogException e) {
                    throw e.getCause() instanceof NoSuchFileException
                            ? new NoSuchRunException(order.run()) // Forgotten meanwhile.
                            : e;
                }
            }
            return lines.next();
        }

        @Override
        public void close() {
            if (lines != null) {
                lines.close();
            }
        }
    }
}
