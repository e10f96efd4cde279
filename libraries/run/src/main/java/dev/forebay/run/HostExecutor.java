package dev.forebay.run;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import dev.forebay.base.Closing;
import dev.forebay.base.Disk;
import dev.forebay.base.Reason;
import dev.forebay.base.Worker;
import dev.forebay.blob.Container;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Executes runs on one {@link Host}: the table of runs, what of them is on the disk, and the life
 * of each.
 *
 * <p><b>Guarantee.</b> That of {@link Executor}. At most {@link HostSettings#mostRunning} programs
 * run; the others wait in the order in which they came.
 *
 * <p>Safe for use by many threads. A run takes no thread while it waits; then a virtual one, those
 * of its {@link Pipes} and those of its host. The executor's lock is taken before that of a run;
 * neither is held during a call of the disk or of the host.
 */
public final class HostExecutor implements Executor {
    private final HostSettings settings;
    private final Host host;
    private final Function<String, Container> buffers;
    private final Disk.AutoCloseableLock directoryLock;
    private final RunFolders folders;
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** Every run whose end the watcher has not taken yet; of the others there is a folder. */
    @GuardedBy("lock")
    private final Map<Long, HostedRun> runs = new HashMap<>();

    @GuardedBy("lock")
    private final Deque<HostedRun> waiting = new ArrayDeque<>();

    @GuardedBy("lock")
    private final Set<HostedRun> running = new HashSet<>();

    @GuardedBy("lock")
    private boolean draining;

    private HostExecutor(
            HostSettings settings,
            Host host,
            Function<String, Container> buffers,
            Disk.AutoCloseableLock directoryLock) {
        this.settings = settings;
        this.host = host;
        this.buffers = buffers;
        this.directoryLock = directoryLock;
        this.folders = new RunFolders(settings.directory());
        this.clock = settings.clock();
    }

    /** Makes the host, once the directory of runs is there and locked. */
    @FunctionalInterface
    public interface Opening {
        /**
         * Opens it.
         *
         * @return the host
         * @throws IOException if its files cannot be read
         */
        Host open() throws IOException;
    }

    /**
     * Opens the directory of runs.
     *
     * @param settings how it works
     * @param host is opened when the directory is locked
     * @param buffers opens the container of a buffer by its ID
     * @return the executor, which owns the directory until it is closed
     * @throws dev.forebay.base.LockedException if another executor has the directory
     */
    public static HostExecutor open(
            HostSettings settings, Opening host, Function<String, Container> buffers)
            throws IOException {
        Files.createDirectories(settings.directory());
        Disk.AutoCloseableLock held = Disk.system().lock(settings.directory().resolve("lock"));
        boolean done = false;
        try {
            HostExecutor executor = new HostExecutor(settings, host.open(), buffers, held);
            done = true;
            return executor;
        } finally {
            if (!done) {
                held.close();
            }
        }
    }

    @Override
    public Capabilities capabilities() {
        return host.capabilities();
    }

    @Override
    public void check(RunOrder order) {
        Program program = order.program();
        if (order.worker().isPresent() || order.replicas() > 1) {
            throw refused(
                    "runs one program a run, and this one asks for workers or replicas; use an executor for clusters");
        }
        if (!program.sockets().isEmpty()) {
            throw refused(
                    host.whyNoSockets()
                            + ", and the codespec has sockets; have the program open its pipes instead");
        }
        if (program.resources().gpus().orElse(0) > 0) {
            throw refused("cannot reserve GPUs, and the codespec asks for them; leave them out");
        }
        host.check(order);
    }

    private RunRefusedException refused(String why) {
        return new RunRefusedException(
                "the %s executor %s".formatted(host.capabilities().executor(), why));
    }

    @Override
    public Optional<String> digest(Program program) {
        return host.digest(program);
    }

    @Override
    public void start(RunOrder order, Watcher watcher) {
        check(order);
        if (folders.of(order.run()).exists()) {
            return;
        }
        HostedRun run = newRun(order, watcher);
        lock.lock();
        try {
            if (draining) {
                throw new RunRefusedException(
                        "the server is stopping and starts no more runs; ask again when it is back");
            }
            admit(run);
        } finally {
            lock.unlock();
        }
    }

    private HostedRun newRun(RunOrder order, Watcher watcher) {
        return new HostedRun(order, watcher, host, settings, buffers);
    }

    @GuardedBy("lock")
    private void admit(HostedRun run) {
        if (runs.putIfAbsent(run.number(), run) == null) {
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
    private void launch(HostedRun run) {
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
                                System.getLogger(HostExecutor.class.getName())
                                        .log(
                                                System.Logger.Level.ERROR,
                                                "the end of a run was not taken; the next server reports it",
                                                failure));
    }

    private void drop(HostedRun run) {
        lock.lock();
        try {
            runs.remove(run.number(), run);
        } finally {
            lock.unlock();
        }
    }

    private void ended(HostedRun run) {
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
            removeStrays(wanted);
        } catch (IOException e) {
            throw new ExecutorException(
                    "what is left of runs in %s cannot be removed: %s"
                            .formatted(settings.directory(), Reason.of(e)),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ExecutorException("the removal of what is left of runs was interrupted", e);
        }
        lock.lock();
        try {
            for (Unfinished one : unfinished) {
                HostedRun run = newRun(one.order(), watcher);
                one.canceled().ifPresent(reason -> run.stop(Outcome.canceled(reason)));
                admit(run);
            }
        } finally {
            lock.unlock();
        }
        host.sweep(run -> wanted.contains(run) || find(run) != null);
    }

    /** Ends and removes runs that have not ended and that the server does not know. */
    private void removeStrays(Set<Long> wanted) throws IOException, InterruptedException {
        for (Map.Entry<Long, RunFolder> run : folders.byNumber().entrySet()) {
            RunFolder folder = run.getValue();
            if (!wanted.contains(run.getKey()) && folder.outcome().read().isEmpty()) {
                host.endStray(folder);
                folder.remove();
            }
        }
    }

    private @Nullable HostedRun find(long run) {
        lock.lock();
        try {
            return runs.get(run);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void cancel(long run, String reason) {
        lock.lock();
        try {
            HostedRun found = runs.get(run);
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
    public Optional<Relay> relay(long run, String buffer) {
        return Optional.ofNullable(find(run)).map(found -> found.relay(buffer));
    }

    @Override
    public LogReader logs(long run, LogQuery query) {
        HostedRun found = find(run);
        if (found != null) {
            return found.read(query);
        }
        try (RunLog log = RunLog.reopen(folders.of(run).log(), settings.log(), clock)) {
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
            for (Map.Entry<Long, RunFolder> run : folders.byNumber().entrySet()) {
                if (run.getValue().outcome().read().isPresent()) {
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
            HostedRun found = runs.get(run);
            if (found != null && !found.isOver()) {
                throw new IllegalStateException(
                        "run %d has not ended; cancel it and wait for its end".formatted(run));
            }
            runs.remove(run);
        } finally {
            lock.unlock();
        }
        try {
            folders.of(run).remove();
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
            while (running.stream().anyMatch(HostedRun::needsServer)
                    && deadline - clock.nanos() > 0) {
                clock.await(lock, changed, deadline);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Ends the runs that cannot go on without this server, and leaves the others. */
    @Override
    public void close() {
        lock.lock();
        try {
            draining = true;
            runs.values().forEach(HostedRun::close);
            while (!running.isEmpty()) {
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
        try (Closing all = new Closing()) {
            all.then(host::close);
            all.then(directoryLock::close);
        } catch (IOException e) {
            throw new ExecutorException("the lock of the runs cannot be released", e);
        }
    }
}
