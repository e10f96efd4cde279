package dev.forebay.run.oci;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import dev.forebay.base.Closing;
import dev.forebay.base.Disk;
import dev.forebay.base.Reason;
import dev.forebay.base.Worker;
import dev.forebay.blob.Container;
import dev.forebay.run.Capabilities;
import dev.forebay.run.Executor;
import dev.forebay.run.ExecutorException;
import dev.forebay.run.LogQuery;
import dev.forebay.run.LogReader;
import dev.forebay.run.NoSuchRunException;
import dev.forebay.run.Outcome;
import dev.forebay.run.Reporter;
import dev.forebay.run.RunFolders;
import dev.forebay.run.RunLog;
import dev.forebay.run.RunOrder;
import dev.forebay.run.RunRefusedException;
import dev.forebay.run.Watcher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Executes runs as containers of an engine on this machine.
 *
 * <p><b>Guarantee.</b> That of {@link Executor}, and what {@link ContainerPlan} says of a
 * container. A container outlives the server if its run has no buffers: the next executor on the
 * directory adopts it in {@link #reconcile}, with the log that the engine kept. A run with buffers
 * whose program was started is ended with its server and reported as Failed with {@code server
 * lost}: the server holds the other ends of its pipes. Containers carry the identity of their
 * directory, so that several servers can use one engine.
 *
 * <p><b>Limit.</b> While the engine does not answer, runs neither start nor end; they are not taken
 * for lost. The order of lines of the two output streams is the one in which the engine read them.
 *
 * <p>Safe for use by many threads. A run takes no thread while it waits; then three virtual ones
 * and those of its {@link dev.forebay.run.Pipes}.
 */
public final class OciExecutor implements Executor {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    private final OciSettings settings;
    private final Engine engine;
    private final ContainerPlan plan;
    private final Function<String, Container> buffers;
    private final Disk.AutoCloseableLock directoryLock;
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** Every run whose end the watcher has not taken yet; of the others there is a directory. */
    @GuardedBy("lock")
    private final Map<Long, OciRun> runs = new HashMap<>();

    @GuardedBy("lock")
    private final Deque<OciRun> waiting = new ArrayDeque<>();

    @GuardedBy("lock")
    private final Set<OciRun> running = new HashSet<>();

    @GuardedBy("lock")
    private boolean draining;

    @GuardedBy("lock")
    private boolean closed;

    @GuardedBy("lock")
    private @Nullable Worker sweeper;

    private OciExecutor(
            OciSettings settings,
            String identity,
            Function<String, Container> buffers,
            Disk.AutoCloseableLock directoryLock) {
        this.settings = settings;
        this.engine = new Engine(settings.socket());
        this.plan = new ContainerPlan(settings, identity);
        this.buffers = buffers;
        this.directoryLock = directoryLock;
        this.clock = settings.clock();
    }

    /**
     * Opens the directory of runs. An engine that does not answer is waited for by each run.
     *
     * @param buffers opens the container of a buffer by its ID
     * @throws dev.forebay.base.LockedException if another executor has the directory
     */
    public static OciExecutor open(OciSettings settings, Function<String, Container> buffers)
            throws IOException {
        Files.createDirectories(settings.directory());
        Disk.AutoCloseableLock held = Disk.system().lock(settings.directory().resolve("lock"));
        boolean done = false;
        try {
            OciExecutor executor =
                    new OciExecutor(settings, identity(settings.directory()), buffers, held);
            done = true;
            return executor;
        } finally {
            if (!done) {
                held.close();
            }
        }
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
     * @throws IOException if it does not answer
     */
    public static String engineVersion(Path socket) throws IOException {
        return new Engine(socket).version();
    }

    @Override
    public Capabilities capabilities() {
        return new Capabilities("oci", "container", true, false, false, true, true, false, true);
    }

    @Override
    public void check(RunOrder order) {
        if (order.worker().isPresent() || order.replicas() > 1) {
            throw new RunRefusedException(
                    "the oci executor runs one container a run, and this one asks for workers or replicas; use an executor for clusters");
        }
        if (!order.program().sockets().isEmpty()) {
            throw new RunRefusedException(
                    "the oci executor has no network between server and container to offer, and the codespec has sockets; have the program open its pipes instead");
        }
        if (order.program().image().filter(image -> !image.isBlank()).isEmpty()) {
            throw new RunRefusedException(
                    "the oci executor needs an image, and the codespec has none; add one");
        }
        if (order.program().resources().gpus().orElse(0) > 0) {
            throw new RunRefusedException(
                    "the oci executor cannot reserve GPUs, and the codespec asks for them; leave them out");
        }
    }

    @Override
    public void start(RunOrder order, Watcher watcher) {
        check(order);
        if (RunFiles.of(settings.directory(), order.run()).exists()) {
            return;
        }
        lock.lock();
        try {
            if (draining) {
                throw new RunRefusedException(
                        "the server is stopping and starts no more runs; ask again when it is back");
            }
            admit(order.run(), newRun(order, watcher));
        } finally {
            lock.unlock();
        }
    }

    private OciRun newRun(RunOrder order, Watcher watcher) {
        return new OciRun(
                order, new Reporter(order.run(), watcher, clock), settings, engine, plan, buffers);
    }

    @GuardedBy("lock")
    private void admit(long number, OciRun run) {
        if (runs.putIfAbsent(number, run) == null) {
            waiting.add(run);
            startWaiting();
        }
    }

    /** Starts runs while there is room. */
    @GuardedBy("lock")
    private void startWaiting() {
        while (!draining && !waiting.isEmpty() && running.size() < settings.mostRunning()) {
            launch(waiting.element());
            running.add(waiting.remove());
        }
    }

    /** Starts the thread of the run, which cannot end before the lock is free. */
    @GuardedBy("lock")
    private void launch(OciRun run) {
        Worker _ =
                Worker.virtual(
                        "forebay-run",
                        () -> {
                            try {
                                run.live();
                                drop(run);
                            } finally {
                                ended(run);
                            }
                        },
                        failure ->
                                log(
                                        "the end of a run was not taken; the next server reports it",
                                        failure));
    }

    private static void log(String what, Throwable reason) {
        System.getLogger(OciExecutor.class.getName()).log(System.Logger.Level.ERROR, what, reason);
    }

    private void drop(OciRun run) {
        lock.lock();
        try {
            runs.remove(run.number(), run);
        } finally {
            lock.unlock();
        }
    }

    private void ended(OciRun run) {
        lock.lock();
        try {
            running.remove(run);
            changed.signalAll();
            startWaiting();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void reconcile(Collection<Unfinished> unfinished, Watcher watcher) {
        Set<Long> wanted =
                unfinished.stream().map(one -> one.order().run()).collect(Collectors.toSet());
        try {
            removeStrayFiles(wanted);
        } catch (IOException e) {
            throw new ExecutorException(
                    "what is left of runs in %s cannot be removed: %s"
                            .formatted(settings.directory(), Reason.of(e)),
                    e);
        }
        lock.lock();
        try {
            for (Unfinished one : unfinished) {
                OciRun run = newRun(one.order(), watcher);
                one.canceled().ifPresent(reason -> run.stop(Outcome.canceled(reason)));
                admit(one.order().run(), run);
            }
            sweeper =
                    Worker.virtual(
                            "forebay-run-sweep",
                            () -> sweep(wanted),
                            failure -> log("containers without a run were not removed", failure));
        } finally {
            lock.unlock();
        }
    }

    /** Removes the files of runs that have not ended and that the server does not know. */
    private void removeStrayFiles(Set<Long> wanted) throws IOException {
        for (Map.Entry<Long, Path> run :
                new RunFolders(settings.directory()).byNumber().entrySet()) {
            RunFiles files = new RunFiles(run.getValue());
            if (!wanted.contains(run.getKey()) && files.outcome().read().isEmpty()) {
                files.remove();
            }
        }
    }

    /** Removes the containers of such runs, once the engine answers. */
    private void sweep(Set<Long> wanted) throws InterruptedException {
        Duration pause = FIRST_PAUSE;
        while (true) {
            try {
                for (Engine.Listed one : engine.list(ContainerPlan.SERVER, plan.server())) {
                    if (isStray(one, wanted)) {
                        engine.remove(one.id());
                    }
                }
                return;
            } catch (EngineException e) {
                log("containers without a run were not removed", e);
                return;
            } catch (IOException e) {
                if (!pauseUnlessClosed(pause)) {
                    return;
                }
                pause = pause.multipliedBy(2);
                pause = pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
            }
        }
    }

    private boolean isStray(Engine.Listed container, Set<Long> wanted) {
        String run = container.labels().getOrDefault(ContainerPlan.RUN, "");
        if (!run.matches("\\d{1,18}")) {
            return false;
        }
        long number = Long.parseLong(run);
        lock.lock();
        try {
            return !wanted.contains(number) && !runs.containsKey(number);
        } finally {
            lock.unlock();
        }
    }

    private boolean pauseUnlessClosed(Duration pause) throws InterruptedException {
        long deadline = clock.deadline(pause);
        lock.lockInterruptibly();
        try {
            while (!closed && deadline - clock.nanos() > 0) {
                clock.await(lock, changed, deadline);
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void cancel(long run, String reason) {
        lock.lock();
        try {
            OciRun found = runs.get(run);
            if (found == null) {
                return;
            }
            found.stop(Outcome.canceled(reason));
            if (waiting.contains(found)) {
                launch(found);
                waiting.remove(found);
                running.add(found);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public LogReader logs(long run, LogQuery query) {
        lock.lock();
        try {
            OciRun found = runs.get(run);
            if (found != null) {
                return found.read(query);
            }
        } finally {
            lock.unlock();
        }
        RunFiles files = RunFiles.of(settings.directory(), run);
        try (RunLog log = RunLog.reopen(files.log(), settings.log(), clock)) {
            return log.read(query);
        } catch (NoSuchFileException e) {
            throw new NoSuchRunException(run);
        } catch (IOException e) {
            throw new ExecutorException(
                    "the log of run %d cannot be opened: %s".formatted(run, Reason.of(e)), e);
        }
    }

    @Override
    public Collection<Long> ended() {
        List<Long> ended = new ArrayList<>();
        try {
            for (Map.Entry<Long, Path> run :
                    new RunFolders(settings.directory()).byNumber().entrySet()) {
                if (new RunFiles(run.getValue()).outcome().read().isPresent()) {
                    ended.add(run.getKey());
                }
            }
        } catch (IOException e) {
            throw new ExecutorException(
                    "the runs in %s cannot be listed: %s"
                            .formatted(settings.directory(), Reason.of(e)),
                    e);
        }
        return ended;
    }

    @Override
    public void forget(long run) {
        lock.lock();
        try {
            OciRun found = runs.get(run);
            if (found != null && !found.isOver()) {
                throw new IllegalStateException(
                        "run %d has not ended; cancel it and wait for its end".formatted(run));
            }
            runs.remove(run);
        } finally {
            lock.unlock();
        }
        try {
            RunFiles.of(settings.directory(), run).remove();
        } catch (IOException e) {
            throw new ExecutorException(
                    "what is left of run %d cannot be removed: %s".formatted(run, Reason.of(e)), e);
        }
    }

    /** Waits for the runs that cannot go on without this server only. */
    @Override
    public void drain(Duration patience) throws InterruptedException {
        long deadline = clock.deadline(patience);
        lock.lockInterruptibly();
        try {
            draining = true;
            while (running.stream().anyMatch(OciRun::needsServer) && deadline - clock.nanos() > 0) {
                clock.await(lock, changed, deadline);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Ends the runs that cannot go on without this server, and leaves the others. */
    @Override
    public void close() {
        Worker sweep;
        lock.lock();
        try {
            draining = true;
            closed = true;
            sweep = sweeper;
            changed.signalAll();
            runs.values().forEach(OciRun::close);
            while (!running.isEmpty()) {
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
        try (Closing all = new Closing()) {
            if (sweep != null) {
                all.then(sweep::join);
            }
            all.then(directoryLock::close);
        } catch (IOException e) {
            throw new ExecutorException("the lock of the runs cannot be released", e);
        }
    }
}
