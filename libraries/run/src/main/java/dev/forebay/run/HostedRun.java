package dev.forebay.run;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import dev.forebay.base.Reason;
import dev.forebay.base.Worker;
import dev.forebay.blob.Container;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
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
 * <p>The order on the disk: the host's mark that the program may run, synced; the outcome, synced,
 * after the outputs have their end markers and before the watcher hears of it. So a folder with a
 * mark and without an outcome is a run to adopt or a lost one; one without a mark was never
 * started.
 */
final class HostedRun implements RunControl {
    /** How often a program that is to end is looked at. */
    private static final Duration POLL = Duration.ofMillis(50);

    private static final Duration KILL_PATIENCE = Duration.ofSeconds(10);

    /** How long a stopped run waits for the containers of its outputs. */
    private static final Duration STORE_PATIENCE = Duration.ofSeconds(10);

    private final RunOrder order;
    private final HostSettings settings;
    private final Function<String, Container> buffers;
    private final Reporter reporter;
    private final Clock clock;
    private final RunFolder folder;
    private final LateLog log;
    private final HostedProgram program;

    /** Those of the parameters whose buffers are ephemeral. */
    private final Map<String, Relay> relays = new HashMap<>();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** What was executed, once that has ended; for the thread that has the run. */
    private Optional<String> executed = Optional.empty();

    /** Why the run is to end before its program does. */
    @GuardedBy("lock")
    private @Nullable Outcome stop;

    /** The executor closes. */
    @GuardedBy("lock")
    private boolean closing;

    /** This server has begun to start the program. */
    @GuardedBy("lock")
    private boolean begun;

    /** Once the program has ended: the pipes whose transfers a stop ends. */
    @GuardedBy("lock")
    private @Nullable Pipes finishing;

    /** Nothing is left to do for the run but to tell its end. */
    @GuardedBy("lock")
    private boolean over;

    HostedRun(
            RunOrder order,
            Watcher watcher,
            Host host,
            HostSettings settings,
            Function<String, Container> buffers) {
        this.order = order;
        this.settings = settings;
        this.buffers = buffers;
        this.clock = settings.clock();
        this.reporter = new Reporter(order.run(), watcher, clock);
        this.folder = new RunFolders(settings.directory()).of(order.run());
        this.log = new LateLog(order.run());
        this.program = host.program(order, folder, this);
        for (Parameter parameter : order.program().parameters()) {
            if (!isStored(parameter)) {
                relays.put(parameter.name(), new Relay(parameter.direction(), clock));
            }
        }
    }

    private boolean isStored(Parameter parameter) {
        return RelayId.parse(id(parameter)).isEmpty();
    }

    private String id(Parameter parameter) {
        return Objects.requireNonNull(order.buffers().get(parameter.name()));
    }

    private List<Parameter> stored() {
        return order.program().parameters().stream().filter(this::isStored).toList();
    }

    /** That of an ephemeral buffer of this run; null if it has no such buffer. */
    @Nullable Relay relay(String buffer) {
        return order.buffers().entrySet().stream()
                .filter(argument -> argument.getValue().equals(buffer))
                .map(argument -> relays.get(argument.getKey()))
                .findFirst()
                .orElse(null);
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
        program.interrupt();
    }

    /** As {@link #stop}, and transfers under way go on to their end once the program has ended. */
    @Override
    public void fail(Outcome why) {
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

    /** The server ends: leaves the run to the next one, or ends it if that cannot be. */
    void close() {
        boolean lost;
        lock.lock();
        try {
            closing = true;
            lost = !program.canBeLeft(begun);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        log.close();
        reporter.close();
        program.interrupt();
        if (lost) {
            stop(Outcome.serverLost());
        }
    }

    /** Executes the run, or goes on with what another server left of it. Blocks. */
    void live() throws InterruptedException {
        Observation.Ended ended;
        try {
            ended = end();
            settle(ended != null && ended.outcome().succeeded());
        } finally {
            settle(false); // Without effect unless something was thrown.
        }
        if (ended != null) {
            over();
            reporter.ended(ended);
        }
    }

    private void settle(boolean succeeded) {
        relays.values().forEach(relay -> relay.settle(succeeded));
    }

    private void over() {
        lock.lock();
        try {
            over = true;
        } finally {
            lock.unlock();
        }
        log.close();
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

    /** Whether the run cannot go on without this server. */
    boolean needsServer() {
        lock.lock();
        try {
            return !program.canBeLeft(begun);
        } finally {
            lock.unlock();
        }
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
            warn(
                    "its end (%s) could not be stored in %s; if the server ends now, the run will be taken for lost"
                            .formatted(ended.outcome().status().text(), folder.path()),
                    e);
        }
        try {
            program.discard();
        } catch (IOException e) {
            warn("what its program left behind could not be removed", e);
        }
    }

    private void warn(String what, @Nullable Exception reason) {
        System.getLogger(HostedRun.class.getName())
                .log(
                        System.Logger.Level.WARNING,
                        "run %d: %s".formatted(order.run(), what),
                        reason);
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
        return withUnmarked(
                Outcome.serverLost(),
                Outputs.failAbandoned(stored(), this::buffer, settings.transfers().writing()));
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
            outcome = stopped();
            if (outcome == null) {
                if (isLeft()) {
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
        return withUnmarked(
                outcome,
                Outputs.failUnbegun(stored(), this::buffer, settings.transfers().writing()));
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
                failure -> fail(Outcome.transferFailed(failure)));
    }

    private Container buffer(Parameter parameter) {
        return buffers.apply(id(parameter));
    }

    /** False if the executor closes: the next server starts the run. */
    private boolean begin() throws IOException {
        lock.lock();
        try {
            if (closing && program.canBeLeft(false)) {
                return false;
            }
            begun = true;
        } finally {
            lock.unlock();
        }
        program.begin();
        folder.syncName();
        return true;
    }

    private @Nullable Outcome execute(RunLog opened, Pipes pipes)
            throws IOException, InterruptedException {
        Map<String, Container> containers = new HashMap<>();
        for (Parameter parameter : stored()) {
            containers.put(parameter.name(), buffer(parameter));
        }
        pipes.begin(containers, relays, settings.transfers());
        Outcome outcome;
        try (StartedProgram started = program.start(opened)) {
            outcome = await(started);
        } catch (IOException | RuntimeException e) {
            program.end();
            outcome = failed(e);
        }
        if (outcome == null) {
            return null;
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
        if (!outcome.succeeded()) {
            boolean ended = stopped() != null;
            relays.values().forEach(relay -> relay.abandon(ended));
            if (ended) {
                abortLater(pipes);
            }
        }
        Optional<TransferFailure> failure;
        try {
            failure = pipes.finish(outcome.succeeded());
        } finally {
            finished();
        }
        return outcome.succeeded() && failure.isPresent()
                ? stoppedOr(Outcome.transferFailed(failure.get()))
                : outcome;
    }

    /** Its outputs may take {@link #STORE_PATIENCE} more, then they are given up. */
    private void abortLater(Pipes pipes) {
        Worker _ =
                Worker.virtual(
                        "forebay-run-abort",
                        () -> {
                            if (!awaitFinished(clock.deadline(STORE_PATIENCE))) {
                                pipes.abort();
                            }
                        },
                        e ->
                                warn(
                                        "its outputs are waited for without a limit: "
                                                + Reason.of(e),
                                        null));
    }

    private boolean awaitFinished(long deadline) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (finishing != null && deadline - clock.nanos() > 0) {
                clock.await(lock, changed, deadline);
            }
            return finishing == null;
        } finally {
            lock.unlock();
        }
    }

    private void finished() {
        lock.lock();
        try {
            finishing = null;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
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
            warn("what it executed is not known, so no other run is answered with it", e);
            return Optional.empty();
        }
    }

    private @Nullable Outcome supervise(StartedProgram started, long deadline)
            throws IOException, InterruptedException {
        Outcome why = awaitEnd(started, deadline);
        Outcome end = started.end();
        if (end != null) {
            return end;
        }
        if (why != null && !ends(started, started::terminate, settings.grace())) {
            while (!ends(started, started::kill, KILL_PATIENCE) && !isClosing()) {
                warn("its program was killed and has not ended; trying again", null);
            }
        }
        return why;
    }

    /** Waits for the end of the program, or for a reason to end or to leave it. */
    private @Nullable Outcome awaitEnd(StartedProgram started, long deadline)
            throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (started.end() == null
                    && stop == null
                    && !isLeft()
                    && deadline - clock.nanos() > 0) {
                clock.await(lock, changed, deadline);
            }
            if (started.end() == null && stop == null && !isLeft()) {
                stop = Outcome.timedOut(order.timeout());
            }
            return stop;
        } finally {
            lock.unlock();
        }
    }

    /** One way to bring a program to its end. */
    private interface Signal {
        /** False if it is to be sent again soon. */
        boolean send() throws IOException, InterruptedException;
    }

    /** Sends a signal, as often as it takes; false if the program has not ended in time. */
    private boolean ends(StartedProgram started, Signal signal, Duration patience)
            throws IOException, InterruptedException {
        long deadline = clock.deadline(patience);
        boolean sent = false;
        while (started.end() == null && deadline - clock.nanos() > 0) {
            sent = sent || signal.send();
            long wake = clock.deadline(POLL);
            awaitEndUntil(started, sent || deadline - wake < 0 ? deadline : wake);
        }
        return started.end() != null;
    }

    private void awaitEndUntil(StartedProgram started, long deadline) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (started.end() == null && deadline - clock.nanos() > 0) {
                clock.await(lock, changed, deadline);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether the executor closes and the next server goes on with the run. */
    private boolean isLeft() {
        lock.lock();
        try {
            return closing && program.canBeLeft(begun);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isClosing() {
        lock.lock();
        try {
            return closing;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isEnding() {
        lock.lock();
        try {
            return closing || stop != null;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean pause(Duration pause, boolean stoppable) throws InterruptedException {
        long deadline = clock.deadline(pause);
        lock.lockInterruptibly();
        try {
            while (!isOver(stoppable) && deadline - clock.nanos() > 0) {
                clock.await(lock, changed, deadline);
            }
            return !isOver(stoppable);
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private boolean isOver(boolean stoppable) {
        return closing || (stoppable && stop != null);
    }

    @Override
    public void changed() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
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
}
