package dev.forebay.run.oci;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.Reason;
import dev.forebay.blob.Container;
import dev.forebay.run.Invocation;
import dev.forebay.run.LogLine;
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
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One run from its order to its end, or until it is left to the next server.
 *
 * <p><b>Guarantee.</b> {@link #live} tells one end, whatever fails, or the run was left. By the end
 * its container is gone, its outputs have their end markers as far as their container can be
 * reached, and the outcome is on the disk. The first reason to stop is the one that counts.
 *
 * <p><b>Limit.</b> While the engine does not answer, a run neither starts nor ends. A run with
 * buffers whose program was started cannot be left: its server holds the other ends of its pipes.
 */
final class OciRun {
    /** How long the rest of a log may take once the container has ended. */
    private static final Duration LOG_PATIENCE = Duration.ofSeconds(10);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final Duration KILL_PATIENCE = Duration.ofSeconds(10);
    private static final int KILLED = 137;

    private final RunOrder order;
    private final OciSettings settings;
    private final Engine engine;
    private final ContainerPlan plan;
    private final Function<String, Container> buffers;
    private final Reporter reporter;
    private final Clock clock;
    private final RunFiles files;
    private final String name;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** Why the run is to end before its program does. */
    @GuardedBy("lock")
    private @Nullable Outcome stop;

    /** The executor closes. */
    @GuardedBy("lock")
    private boolean closing;

    /** The program was started, and its pipes end with this server. */
    @GuardedBy("lock")
    private boolean bound;

    /** The image that is being fetched. */
    @GuardedBy("lock")
    private @Nullable EngineCall pulling;

    /** Once the program has ended: the pipes whose transfers a stop ends. */
    @GuardedBy("lock")
    private @Nullable Pipes finishing;

    /** Nothing is left to do for the run but to tell its end. */
    @GuardedBy("lock")
    private boolean over;

    @GuardedBy("lock")
    private @Nullable RunLog log;

    /** The engine may have a container of the run; for the thread that has the run. */
    private boolean made;

    OciRun(
            RunOrder order,
            Reporter reporter,
            OciSettings settings,
            Engine engine,
            ContainerPlan plan,
            Function<String, Container> buffers) {
        this.order = order;
        this.reporter = reporter;
        this.settings = settings;
        this.engine = engine;
        this.plan = plan;
        this.buffers = buffers;
        this.clock = settings.clock();
        this.files = RunFiles.of(settings.directory(), order.run());
        this.name = plan.name(order.run());
    }

    long number() {
        return order.run();
    }

    /** Ends the run for this reason, unless another came first. Returns at once. */
    void stop(Outcome why) {
        lock.lock();
        try {
            if (stop == null) {
                stop = why;
            }
            if (finishing != null) {
                finishing.abort();
            }
            endPull();
            changed.signalAll();
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

    /** The server ends: leaves the run to the next one, or ends it if that cannot be. */
    void close() {
        boolean lost;
        lock.lock();
        try {
            closing = true;
            lost = bound;
            endPull();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        reporter.close();
        if (lost) {
            stop(Outcome.serverLost());
        }
    }

    @GuardedBy("lock")
    private void endPull() {
        if (pulling != null) {
            try {
                pulling.close();
            } catch (IOException e) {
                throw new AssertionError("closing a local socket does no I/O", e);
            }
        }
    }

    /** Executes the run, adopts its container, or ends it if another server left it. Blocks. */
    void live() throws InterruptedException {
        Observation.Ended ended = end();
        lock.lock();
        try {
            over = ended != null;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (ended != null) {
            reporter.ended(ended);
        }
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
            return bound;
        } finally {
            lock.unlock();
        }
    }

    /** Null if the run was left to the next server. */
    private Observation.@Nullable Ended end() throws InterruptedException {
        Outcome outcome;
        try {
            Optional<Observation.Ended> before = files.outcome().read();
            if (before.isPresent()) {
                reopenLog();
                return before.get();
            }
            outcome = files.hasBegun() ? resume() : executeUnlessStopped();
        } catch (IOException | RuntimeException | Error e) {
            outcome = failed(e);
        }
        if (outcome == null) {
            return null;
        }
        Observation.Ended ended = new Observation.Ended(outcome, clock.wall());
        store(ended);
        if (made) {
            removeContainer();
        }
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
            files.outcome().write(ended);
            files.removePipes();
        } catch (IOException e) {
            warn("its end (%s) could not be stored".formatted(ended.outcome().status().text()), e);
        }
    }

    private void warn(String what, @Nullable Exception reason) {
        System.getLogger(OciRun.class.getName())
                .log(
                        System.Logger.Level.WARNING,
                        "run %d, container %s: %s".formatted(order.run(), name, what),
                        reason);
    }

    /** What another server began: adopts it if that is possible, else ends it as lost. */
    private @Nullable Outcome resume() throws IOException, InterruptedException {
        made = true;
        Optional<Engine.Found> found = ask(() -> engine.find(name));
        if (found == null) {
            return null;
        }
        if (order.program().parameters().isEmpty()) {
            return found.isPresent()
                    ? adopt(found.get())
                    : Outcome.failed(gone() + " while the server was away");
        }
        removeContainer();
        reopenLog();
        return withUnmarked(
                Outcome.serverLost(),
                Outputs.failAbandoned(
                        order.program().parameters(),
                        this::buffer,
                        settings.transfers().writing()));
    }

    private String gone() {
        return "container %s of the run was removed by something else".formatted(name);
    }

    /** Reads the log anew from the engine, which kept it, and watches the container on. */
    private @Nullable Outcome adopt(Engine.Found found) throws IOException, InterruptedException {
        files.removeLog();
        try (RunLog opened = openLog()) {
            EngineCall stream =
                    ask(() ->
                            found.started().isPresent()
                                    ? engine.logs(found.id())
                                    : engine.attach(found.id()));
            if (stream == null) {
                return null;
            }
            try (ContainerWatch watch = watch(found.id(), opened, stream)) {
                if (found.started().isEmpty()) {
                    engine.start(found.id());
                }
                watch.started();
                reporter.started(found.started().orElseGet(clock::wall));
                Duration age =
                        found.started()
                                .map(at -> Duration.between(at, clock.wall()))
                                .orElse(Duration.ZERO);
                Duration left = order.timeout().minus(age);
                return finish(
                        watch,
                        supervise(
                                watch,
                                found.id(),
                                clock.deadline(left.isNegative() ? Duration.ZERO : left)));
            }
        }
    }

    private ContainerWatch watch(String id, RunLog opened, EngineCall stream) {
        return new ContainerWatch(engine, id, opened, clock, stream, this::signal);
    }

    private void signal() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Outcome executeUnlessStopped() throws IOException, InterruptedException {
        files.remove();
        Outcome outcome;
        boolean begun = false;
        try {
            files.create();
            outcome = prepareImage();
            if (outcome == null && isClosing()) {
                return null;
            }
            if (outcome == null) {
                try (RunLog opened = openLog();
                        Pipes pipes = createPipes()) {
                    made = true;
                    String id = ask(() -> create(pipes));
                    begun = id != null && begin();
                    return id != null && begun ? execute(id, opened, pipes) : null;
                }
            }
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

    private boolean isClosing() {
        lock.lock();
        try {
            return closing;
        } finally {
            lock.unlock();
        }
    }

    /** Null once the engine has the image, or if the executor closes; else why the run ends. */
    private @Nullable Outcome prepareImage() throws InterruptedException {
        String image = order.program().image().orElseThrow();
        try {
            Boolean there = askUnlessStopped(() -> engine.hasImage(image));
            if (there == null || stopped() != null) {
                return stopped();
            }
            if (there && settings.pull() != PullPolicy.ALWAYS) {
                return null;
            }
            if (settings.pull() == PullPolicy.NEVER) {
                return Outcome.failed(
                        "image %s is not on this machine, and the pull policy is never; load it, or start the server with --executor-pull missing"
                                .formatted(image));
            }
            pull(image);
            return stopped();
        } catch (IOException e) {
            Outcome why = stopped();
            return why != null || isClosing()
                    ? why
                    : Outcome.failed(
                            "image %s could not be pulled, and the pull policy is %s: %s"
                                    .formatted(image, settings.pull().text(), Reason.of(e)));
        }
    }

    private void pull(String image) throws IOException {
        try {
            engine.pull(image, this::pulling);
        } finally {
            lock.lock();
            try {
                pulling = null;
            } finally {
                lock.unlock();
            }
        }
    }

    private void pulling(EngineCall call) {
        lock.lock();
        try {
            pulling = call;
            if (closing || stop != null) {
                endPull();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Something that the engine is asked for. */
    private interface Question<T> {
        T ask() throws IOException;
    }

    /** As {@link #ask}, and null if the run is to end. */
    private <T> @Nullable T askUnlessStopped(Question<T> question)
            throws IOException, InterruptedException {
        return ask(question, true);
    }

    /** Asks until the engine answers, if only with a refusal. Null if the executor closes. */
    private <T> @Nullable T ask(Question<T> question) throws IOException, InterruptedException {
        return ask(question, false);
    }

    private <T> @Nullable T ask(Question<T> question, boolean stoppable)
            throws IOException, InterruptedException {
        Duration pause = FIRST_PAUSE;
        while (true) {
            try {
                return question.ask();
            } catch (EngineException e) {
                throw e;
            } catch (IOException e) {
                if (pause.equals(FIRST_PAUSE)) {
                    warn(
                            "the engine does not answer at %s; waiting for it"
                                    .formatted(settings.socket()),
                            e);
                }
            }
            if (!pauseUnlessOver(stoppable, pause)) {
                return null;
            }
            pause = pause.multipliedBy(2);
            pause = pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
        }
    }

    /** False if the executor closes, or a run that may be stopped now is to end. */
    private boolean pauseUnlessOver(boolean stoppable, Duration pause) throws InterruptedException {
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

    /** Removes the container; repeated until the engine answers, or the executor closes. */
    private void removeContainer() throws InterruptedException {
        try {
            Boolean _ =
                    ask(() -> {
                        engine.remove(name);
                        return true;
                    });
        } catch (IOException e) {
            warn("it could not be removed; the next start of the server tries again", e);
        }
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
        RunLog opened = RunLog.create(files.log(), settings.log(), clock);
        showLog(opened);
        return opened;
    }

    /** The log that another server left, if the run got as far as that. */
    private void reopenLog() throws IOException {
        try (RunLog opened = RunLog.reopen(files.log(), settings.log(), clock)) {
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

    private Pipes createPipes() throws IOException {
        return Pipes.create(
                files.pipes(),
                order.program().parameters(),
                clock,
                failure -> fail(Outcome.transferFailed(failure)));
    }

    private Container buffer(Parameter parameter) {
        return buffers.apply(Objects.requireNonNull(order.buffers().get(parameter.name())));
    }

    /** Makes the container, in the place of one that another server made and did not start. */
    private String create(Pipes pipes) throws IOException {
        files.openToContainer(pipes.paths().values());
        Map<String, String> inside =
                pipes.paths().entrySet().stream()
                        .collect(
                                Collectors.toMap(
                                        Map.Entry::getKey,
                                        pipe -> ContainerPlan.inside(pipe.getValue())));
        Invocation invocation = order.program().resolve(inside);
        engine.remove(name);
        try {
            return engine.create(name, plan.of(order, invocation, files.pipes()));
        } catch (EngineException e) {
            throw new RunRefusedException("the container could not be made: " + Reason.of(e));
        }
    }

    /** False if the executor closes: the next server starts the run. */
    private boolean begin() throws IOException {
        lock.lock();
        try {
            if (closing) {
                return false;
            }
            bound = !order.program().parameters().isEmpty();
        } finally {
            lock.unlock();
        }
        files.begin();
        return true;
    }

    private @Nullable Outcome execute(String id, RunLog opened, Pipes pipes)
            throws IOException, InterruptedException {
        Map<String, Container> containers = new HashMap<>();
        for (Parameter parameter : order.program().parameters()) {
            containers.put(parameter.name(), buffer(parameter));
        }
        pipes.begin(containers, settings.transfers());
        Outcome outcome;
        try {
            outcome = executeProgram(id, opened);
        } catch (IOException | RuntimeException e) {
            removeContainer();
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
        Optional<TransferFailure> failure = pipes.finish(outcome.succeeded());
        return outcome.succeeded() && failure.isPresent()
                ? stoppedOr(Outcome.transferFailed(failure.get()))
                : outcome;
    }

    private @Nullable Outcome executeProgram(String id, RunLog opened)
            throws IOException, InterruptedException {
        try (ContainerWatch watch = watch(id, opened, engine.attach(id))) {
            try {
                engine.start(id);
            } catch (EngineException e) {
                return Outcome.failed("the container could not be started: " + Reason.of(e));
            }
            watch.started();
            reporter.started(clock.wall());
            return finish(watch, supervise(watch, id, clock.deadline(order.timeout())));
        }
    }

    private static @Nullable Outcome finish(ContainerWatch watch, @Nullable Outcome outcome)
            throws IOException, InterruptedException {
        if (outcome != null) {
            watch.finishLog(LOG_PATIENCE);
        }
        return outcome;
    }

    /** Null if the run is left to the next server. */
    private @Nullable Outcome supervise(ContainerWatch watch, String id, long deadline)
            throws InterruptedException {
        Outcome why = awaitEnd(watch, deadline);
        ContainerWatch.End end = watch.end();
        if (end != null) {
            return outcomeOf(end.found());
        }
        if (why != null && !ends(watch, id, "TERM", settings.grace())) {
            while (!ends(watch, id, "KILL", KILL_PATIENCE) && !isClosing()) {
                warn("it was killed and has not ended; asking again", null);
            }
        }
        return why;
    }

    /** Waits for the end of the container, or for a reason to end or to leave it. */
    private @Nullable Outcome awaitEnd(ContainerWatch watch, long deadline)
            throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (watch.end() == null
                    && stop == null
                    && (!closing || bound)
                    && deadline - clock.nanos() > 0) {
                clock.await(lock, changed, deadline);
            }
            if (watch.end() == null && stop == null && (!closing || bound)) {
                stop = Outcome.timedOut(order.timeout());
            }
            return stop;
        } finally {
            lock.unlock();
        }
    }

    /** Sends a signal, as often as it takes; false if the container has not ended in time. */
    private boolean ends(ContainerWatch watch, String id, String signal, Duration patience)
            throws InterruptedException {
        long deadline = clock.deadline(patience);
        boolean sent = false;
        while (watch.end() == null && deadline - clock.nanos() > 0) {
            if (!sent) {
                sent = kill(id, signal);
            }
            long wake = clock.deadline(FIRST_PAUSE);
            awaitEndUntil(watch, sent || deadline - wake < 0 ? deadline : wake);
        }
        return watch.end() != null;
    }

    private boolean kill(String id, String signal) {
        try {
            engine.kill(id, signal);
            return true;
        } catch (IOException e) {
            // An engine that does not answer, or refuses, is asked again.
            return false;
        }
    }

    private void awaitEndUntil(ContainerWatch watch, long deadline) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (watch.end() == null && deadline - clock.nanos() > 0) {
                clock.await(lock, changed, deadline);
            }
        } finally {
            lock.unlock();
        }
    }

    private Outcome outcomeOf(Optional<Engine.Found> end) {
        if (end.isEmpty()) {
            return Outcome.failed(gone());
        }
        int code = end.get().exitCode();
        ByteSize memory = ByteSize.of(plan.memory(order.program().resources()));
        if (code != 0 && end.get().outOfMemory()) {
            return Outcome.failed(
                    "Main exceeded its memory limit of %s and exited with code %d"
                            .formatted(memory, code));
        }
        Outcome outcome = Outcome.exited(code);
        return code == KILLED
                ? Outcome.failed(
                        "%s; its memory limit was %s, and the engine does not say whether it was exceeded"
                                .formatted(outcome.reason().orElseThrow(), memory))
                : outcome;
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
