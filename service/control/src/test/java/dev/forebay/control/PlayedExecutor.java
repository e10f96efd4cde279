package dev.forebay.control;

import dev.forebay.run.Capabilities;
import dev.forebay.run.Executor;
import dev.forebay.run.LogQuery;
import dev.forebay.run.LogReader;
import dev.forebay.run.NoSuchRunException;
import dev.forebay.run.RunOrder;
import dev.forebay.run.Watcher;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/** Executes nothing and keeps what it was asked for. For one thread. */
final class PlayedExecutor implements Executor {
    final List<RunOrder> started = new ArrayList<>();
    final List<Unfinished> reconciled = new ArrayList<>();
    final List<Long> canceled = new ArrayList<>();

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
    public LogReader logs(long run, LogQuery query) {
        throw new NoSuchRunException(run);
    }

    @Override
    public void forget(long run) {}

    @Override
    public void drain(Duration patience) {}

    @Override
    public void close() {}
}
