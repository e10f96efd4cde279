package dev.forebay.run;

import dev.forebay.base.Clock;
import dev.forebay.base.Reason;
import dev.forebay.blob.Container;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One run of a {@link HostExecutor} from its order to its end, or until it is left to the next
 * server.
 *
 * <p><b>Guarantee.</b> {@link #live} tells one end, whatever fails, or the run was left. By the end
 * nothing of its program is left, its outputs have their end markers as far as their container can
 * be reached, and the outcome is on the disk. The first reason to stop is the one that counts; one
 * that comes after all outputs are complete comes too late.
 *
 * <p><b>Limit.</b> If the watcher fails while the executor closes, it is not called again: the
 * outcome on the disk is for the next server.
 *
 * <p>Its parts: {@link RunStop}, why it is to end or to be left; {@link Termination} of the
 * program; {@link FinalTransfers}, what a stop cuts short then; {@link RunBuffers}; {@link
 * LateLog}; {@link Reporter}. Those that need a lock have one of their own, and none is held while
 * another is taken. {@link #live} is for one thread, all else is safe for many.
 *
 * <p>The order on the disk: the host's mark that the program may run, synced; the outcome, synced,
 * after the outputs have their end markers and before the watcher hears of it. So a folder with a
 * mark and without an outcome is a run to adopt or a lost one; one without a mark was never
 * started.
 */
final class HostedRun {
    private final RunOrder order;
    private final HostSettings settings;
    private final RunWarnings warnings;
    private final RunStop stop;
    private final RunBuffers buffers;
    private final FinalTransfers transfers;
    private final Reporter reporter;
    private final Clock clock;
    private final RunFolder folder;
    private final LateLog log;
    private final HostedProgram program;

    /** What was executed, once that has ended; for the thread that has the run. */
    private Optional<String> executed = Optional.empty();

    /** Set once, by the thread that has the run; read by others. */
    private volatile boolean over;

    HostedRun(
            RunOrder order,
            Watcher watcher,
            Host host,
            HostSettings settings,
            Function<String, Container> containers) {
        this.order = order;
        this.settings = settings;
        this.clock = settings.clock();
        this.warnings = new RunWarnings(order.run());
        this.stop = new RunStop(clock);
        this.buffers = new RunBuffers(order, containers, settings);
        this.transfers = new FinalTransfers(stop, buffers, clock, warnings);
        this.reporter = new Reporter(order.run(), watcher, clock);
        this.folder = new RunFolders(settings.directory()).of(order.run());
        this.log = new LateLog(order.run());
        this.program = host.program(order, folder, stop);
    }

    /** That of an ephemeral buffer of this run; null if it has no such buffer. */
    @Nullable Relay relay(String buffer) {
        return buffers.relay(buffer);
    }

    long number() {
        return order.run();
    }

    /** Ends the run for this reason, unless another came first. Returns at once. */
    void stop(Outcome why) {
        stop.fail(why);
        transfers.abort();
        program.interrupt();
    }

    /** The server ends: leaves the run to the next one, or ends it if that cannot be. */
    void close() {
        boolean begun = stop.close();
        log.close();
        reporter.close();
        program.interrupt();
        if (!program.canBeLeft(begun)) {
            stop(Outcome.serverLost());
        }
    }

    /** Executes the run, or goes on with what another server left of it. Blocks. */
    void live() throws InterruptedException {
        Observation.Ended ended;
        try {
            ended = end();
            buffers.settle(ended != null && ended.outcome().succeeded());
        } finally {
            buffers.settle(false); // Without effect unless something was thrown.
        }
        if (ended != null) {
            over = true;
            log.close();
            reporter.ended(ended);
        }
    }

    /** Whether nothing is left to do for the run but to tell its end. */
    boolean isOver() {
        return over;
    }

    /** Whether the run cannot go on without this server. */
    boolean needsServer() {
        return !program.canBeLeft(stop.hasBegun());
    }

    /** Reads the log, that of a run that waits for its start included. */
    LogReader read(LogQuery query) {
        return log.read(query);
    }

    /** Null if the run was left to the next server. */
    private Observation.@Nullable Ended end() throws InterruptedException {
        Outcome outcome;
        try {
            Optional<Observation.Ended> before = folder.outcome().read();
            if (before.isPresent()) {
                reopenLog();
                return before.get();
            }
            outcome = program.hasBegun() ? resume() : executeUnlessStopped();
        } catch (IOException | RuntimeException | Error e) {
            outcome = failed(e);
        }
        if (outcome == null) {
            return null;
        }
        Observation.Ended ended =
                new Observation.Ended(
                        outcome, clock.wall(), outcome.succeeded() ? executed : Optional.empty());
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
    private void store(Observation.Ended ended) throws InterruptedException {
        try {
            folder.outcome().write(ended);
        } catch (IOException e) {
            warnings.warn(
                    "its end (%s) could not be stored in %s; if the server ends now, the run will be taken for lost"
                            .formatted(ended.outcome().status().text(), folder.path()),
                    e);
        }
        try {
            program.discard();
        } catch (IOException e) {
            warnings.warn("what its program left behind could not be removed", e);
        }
    }

    /** What another server began: goes on with it if that can be, else ends it as lost. */
    private @Nullable Outcome resume() throws IOException, InterruptedException {
        if (!program.find()) {
            return null;
        }
        if (program.canBeLeft(true)) {
            return adopt();
        }
        program.end();
        reopenLog();
        return buffers.failAbandoned(Outcome.serverLost());
    }

    /** The host has the whole log, which comes anew. */
    private @Nullable Outcome adopt() throws IOException, InterruptedException {
        try (RunLog opened = shown(RunLog.resume(folder.log(), settings.log(), clock));
                StartedProgram started = program.adopt(opened)) {
            return started == null ? null : await(started);
        }
    }

    private @Nullable Outcome executeUnlessStopped() throws IOException, InterruptedException {
        folder.remove();
        Outcome outcome;
        boolean marked = false;
        try {
            program.prepare();
            outcome = stop.reason();
            if (outcome == null) {
                if (stop.isClosing() && program.canBeLeft(false)) {
                    return null;
                }
                try (RunLog opened = openLog();
                        Pipes pipes = createPipes()) {
                    marked = program.make(pipes.paths()) && begin();
                    return marked ? execute(opened, pipes) : null;
                }
            }
        } catch (IOException | RuntimeException e) {
            if (marked) {
                throw e;
            }
            outcome = failed(e);
        }
        return buffers.failUnbegun(outcome);
    }

    private RunLog openLog() throws IOException {
        return shown(RunLog.create(folder.log(), settings.log(), clock));
    }

    private RunLog shown(RunLog opened) {
        log.show(opened);
        return opened;
    }

    /** The log that another server left, if the run got as far as that. */
    private void reopenLog() throws IOException {
        try (RunLog opened = RunLog.reopen(folder.log(), settings.log(), clock)) {
            log.show(opened);
        } catch (NoSuchFileException e) {
            return;
        }
    }

    private Pipes createPipes() throws IOException {
        return Pipes.create(
                folder.pipes(),
                order.program().parameters(),
                clock,
                failure -> stop.fail(Outcome.transferFailed(failure)));
    }

    /** False if the executor closes: the next server starts the run. */
    private boolean begin() throws IOException {
        if (!stop.begin(program.canBeLeft(false))) {
            return false;
        }
        program.begin();
        folder.syncName();
        return true;
    }

    private @Nullable Outcome execute(RunLog opened, Pipes pipes)
            throws IOException, InterruptedException {
        pipes.begin(buffers.containers(), buffers.relays(), settings.transfers());
        Outcome outcome;
        try (StartedProgram started = program.start(opened)) {
            outcome = await(started);
        } catch (IOException | RuntimeException e) {
            program.end();
            outcome = failed(e);
        }
        return outcome == null ? null : transfers.finish(pipes, outcome);
    }

    /** Null if the run is left to the next server. */
    private @Nullable Outcome await(StartedProgram started)
            throws IOException, InterruptedException {
        reporter.started(started.startedAt());
        Duration age = Duration.between(started.startedAt(), clock.wall());
        Duration left = order.timeout().minus(age.isNegative() ? Duration.ZERO : age);
        Outcome outcome = supervise(started, clock.deadline(left));
        if (outcome == null) {
            return null;
        }
        Optional<String> failure = started.finish();
        executed = outcome.succeeded() ? digest(started) : Optional.empty();
        return outcome.succeeded() && failure.isPresent() ? Outcome.failed(failure.get()) : outcome;
    }

    private Optional<String> digest(StartedProgram started) {
        try {
            return started.digest();
        } catch (IOException e) {
            warnings.warn("what it executed is not known, so no other run is answered with it", e);
            return Optional.empty();
        }
    }

    private @Nullable Outcome supervise(StartedProgram started, long deadline)
            throws IOException, InterruptedException {
        Outcome why =
                stop.await(
                        started,
                        deadline,
                        Outcome.timedOut(order.timeout()),
                        program.canBeLeft(true));
        Outcome end = started.end();
        if (end != null) {
            return end;
        }
        if (why != null) {
            new Termination(stop, settings, warnings).end(started);
        }
        return why;
    }
}
