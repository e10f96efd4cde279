package dev.forebay.run.process;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
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
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Executes runs as processes of this machine.
 *
 * <p><b>Guarantee.</b> That of {@link Executor}. A program gets its codespec's environment and one
 * variable by which its processes are found, no descriptor but the three standard streams, and a
 * session and a directory of its own. At most {@link ProcessSettings#mostRunning} programs run; the
 * others wait in the order in which they came. When the server ends, however it does, the
 * supervisor of each run kills its program; what is left of them, the next executor on the
 * directory ends in {@link #reconcile}, and reports the runs as Failed with {@code server lost}.
 *
 * <p><b>Limit.</b> Linux only. The image is ignored. Limits on processors are not enforced; a limit
 * on memory is one on the address space of each process. Without bubblewrap a program can read what
 * its user can read, the files of the server included if that is the same user.
 *
 * <p>Safe for use by many threads. A run takes no thread while it waits; then a virtual one, a
 * platform one for its log and those of its {@link dev.forebay.run.Pipes}.
 */
public final class ProcessExecutor implements Executor {
    private final ProcessSettings settings;
    private final Tools tools;
    private final Function<String, Container> buffers;
    private final Disk.AutoCloseableLock directoryLock;
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** Every run whose end the watcher has not taken yet; of the others there is a directory. */
    @GuardedBy("lock")
    private final Map<Long, ProcessRun> runs = new HashMap<>();

    @GuardedBy("lock")
    private final Deque<ProcessRun> waiting = new ArrayDeque<>();

    @GuardedBy("lock")
    private final Set<ProcessRun> running = new HashSet<>();

    @GuardedBy("lock")
    private boolean draining;

    private ProcessExecutor(
            ProcessSettings settings,
            Tools tools,
            Function<String, Container> buffers,
            Disk.AutoCloseableLock directoryLock) {
        this.settings = settings;
        this.tools = tools;
        this.buffers = buffers;
        this.directoryLock = directoryLock;
        this.clock = settings.clock();
    }

    /**
     * Opens the directory of runs and tries which isolation works here; blocks for a second at
     * most.
     *
     * @param buffers opens the container of a buffer by its ID
     * @throws RunRefusedException if the server is root and no user is named
     * @throws dev.forebay.base.LockedException if another executor has the directory
     */
    public static ProcessExecutor open(
            ProcessSettings settings, Function<String, Container> buffers)
            throws IOException, InterruptedException {
        Tools tools = Tools.find(settings);
        Files.createDirectories(settings.directory());
        Disk.AutoCloseableLock held = Disk.system().lock(settings.directory().resolve("lock"));
        return new ProcessExecutor(settings, tools, buffers, held);
    }

    @Override
    public Capabilities capabilities() {
        return new Capabilities(
                "process",
                tools.isolation().text(),
                false,
                false,
                false,
                true,
                false,
                false,
                false);
    }

    @Override
    public void check(RunOrder order) {
        if (order.worker().isPresent() || order.replicas() > 1) {
            throw new RunRefusedException(
                    "the process executor runs one program a run, and this one asks for workers or replicas; use an executor for clusters");
        }
        if (!order.program().sockets().isEmpty()) {
            throw new RunRefusedException(
                    "the process executor has no network to offer, and the codespec has sockets; have the program open its pipes instead");
        }
        if (order.program().command().isEmpty()) {
            throw new RunRefusedException(
                    "the process executor ignores the image, and the codespec has no command; add one");
        }
        if (order.program().resources().gpus().orElse(0) > 0) {
            throw new RunRefusedException(
                    "the process executor cannot reserve GPUs, and the codespec asks for them; leave them out");
        }
    }

    @Override
    public void start(RunOrder order, Watcher watcher) {
        check(order);
        if (RunDirectory.of(settings.directory(), order.run()).exists()) {
            return;
        }
        ProcessRun run = newRun(order, watcher);
        lock.lock();
        try {
            if (draining) {
                throw new RunRefusedException(
                        "the server is stopping and starts no more runs; ask again when it is back");
            }
            admit(order.run(), run);
        } finally {
            lock.unlock();
        }
    }

    private ProcessRun newRun(RunOrder order, Watcher watcher) {
        return new ProcessRun(
                order, new Reporter(order.run(), watcher, clock), settings, tools, buffers);
    }

    @GuardedBy("lock")
    private void admit(long number, ProcessRun run) {
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
    private void launch(ProcessRun run) {
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
                                System.getLogger(ProcessExecutor.class.getName())
                                        .log(
                                                System.Logger.Level.ERROR,
                                                "the end of a run was not taken; the next server reports it",
                                                failure));
    }

    private void drop(ProcessRun run) {
        lock.lock();
        try {
            runs.remove(run.number(), run);
        } finally {
            lock.unlock();
        }
    }

    private void ended(ProcessRun run) {
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
                ProcessRun run = newRun(one.order(), watcher);
                one.canceled().ifPresent(reason -> run.stop(Outcome.canceled(reason)));
                admit(one.order().run(), run);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Ends and removes runs that have not ended and that the server does not know. */
    private void removeStrays(Set<Long> wanted) throws IOException, InterruptedException {
        for (Map.Entry<Long, Path> run :
                new RunFolders(settings.directory()).byNumber().entrySet()) {
            RunDirectory directory = new RunDirectory(run.getValue());
            if (!wanted.contains(run.getKey()) && directory.outcome().read().isEmpty()) {
                Optional<RunRecord> record = directory.readRecord();
                if (record.isPresent()) {
                    new RunProcesses(record.get()).kill(clock);
                }
                directory.remove();
            }
        }
    }

    @Override
    public void cancel(long run, String reason) {
        lock.lock();
        try {
            ProcessRun found = runs.get(run);
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
            ProcessRun found = runs.get(run);
            if (found != null) {
                return found.read(query);
            }
        } finally {
            lock.unlock();
        }
        RunDirectory directory = RunDirectory.of(settings.directory(), run);
        try (RunLog log = RunLog.reopen(directory.log(), settings.log(), clock)) {
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
                if (new RunDirectory(run.getValue()).outcome().read().isPresent()) {
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
            ProcessRun found = runs.get(run);
            if (found != null && !found.isOver()) {
                throw new IllegalStateException(
                        "run %d has not ended; cancel it and wait for its end".formatted(run));
            }
            runs.remove(run);
        } finally {
            lock.unlock();
        }
        try {
            RunDirectory.of(settings.directory(), run).remove();
        } catch (IOException e) {
            throw new ExecutorException(
                    "what is left of run %d cannot be removed: %s".formatted(run, Reason.of(e)), e);
        }
    }

    @Override
    public void drain(Duration patience) throws InterruptedException {
        long deadline = clock.deadline(patience);
        lock.lockInterruptibly();
        try {
            draining = true;
            while (!running.isEmpty() && deadline - clock.nanos() > 0) {
                clock.await(lock, changed, deadline);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            draining = true;
            runs.values().forEach(ProcessRun::close);
            while (!running.isEmpty()) {
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
        try {
            directoryLock.close();
        } catch (IOException e) {
            throw new ExecutorException("the lock of the runs cannot be released", e);
        }
    }
}
