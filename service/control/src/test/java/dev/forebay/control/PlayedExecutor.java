package dev.forebay.control;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.forebay.run.Capabilities;
import dev.forebay.run.Executor;
import dev.forebay.run.LogLine;
import dev.forebay.run.LogQuery;
import dev.forebay.run.LogReader;
import dev.forebay.run.NoSuchRunException;
import dev.forebay.run.Program;
import dev.forebay.run.Relay;
import dev.forebay.run.RunOrder;
import dev.forebay.run.Watcher;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Executes nothing and keeps what it was asked for. For one thread, and that of an archiver. */
final class PlayedExecutor implements Executor {
    final List<RunOrder> started = new ArrayList<>();
    final List<Unfinished> reconciled = new ArrayList<>();
    final List<Long> canceled = new ArrayList<>();

    final List<Long> ended = new ArrayList<>();

    /** The logs that there are. */
    final Map<Long, List<String>> lines = new ConcurrentHashMap<>();

    /** Called before a run is forgotten. */
    volatile Consumer<Long> atForget = _ -> {};

    /** Of any thread. */
    final BlockingQueue<Long> forgotten = new LinkedBlockingQueue<>();

    /** Called with the run whose log is asked for. */
    volatile Consumer<Long> atLogs = _ -> {};

    /** Of whatever is asked for. */
    Optional<String> digest = Optional.of("file:1");

    /** Called with what is checked. */
    Consumer<RunOrder> atCheck = _ -> {};

    /** Called before an order is taken. */
    Consumer<RunOrder> atStart = _ -> {};

    /** That of the last call; does nothing before. */
    Watcher watcher = (_, _) -> {};

    @Override
    public Capabilities capabilities() {
        return new Capabilities("played", "none", true, true, true, true, true, true, true);
    }

    @Override
    public Optional<String> digest(Program program) {
        return digest;
    }

    @Override
    public void check(RunOrder order) {
        atCheck.accept(order);
    }

    @Override
    public void start(RunOrder order, Watcher taken) {
        atStart.accept(order);
        started.add(order);
        watcher = taken;
    }

    @Override
    public void reconcile(Collection<Unfinished> runs, Watcher taken) {
        reconciled.addAll(runs);
        watcher = taken;
    }

    @Override
    public void cancel(long run, String reason) {
        canceled.add(run);
    }

    @Override
    public Optional<Relay> relay(long run, String buffer) {
        return Optional.empty();
    }

    @Override
    public LogReader logs(long run, LogQuery query) {
        atLogs.accept(run);
        List<String> log = lines.get(run);
        if (log == null) {
            throw new NoSuchRunException(run);
        }
        Iterator<String> left = log.iterator();
        return new LogReader() {
            @Override
            public @Nullable LogLine next() {
                return left.hasNext()
                        ? new LogLine(Instant.EPOCH, left.next().getBytes(UTF_8), true)
                        : null;
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public Collection<Long> ended() {
        return ended;
    }

    @Override
    public void forget(long run) {
        atForget.accept(run);
        forgotten.add(run);
    }

    @Override
    public void drain(Duration patience) {}

    @Override
    public void close() {}
}
