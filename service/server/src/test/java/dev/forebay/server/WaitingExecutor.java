package dev.forebay.server;

import dev.forebay.run.Capabilities;
import dev.forebay.run.Executor;
import dev.forebay.run.LogLine;
import dev.forebay.run.LogQuery;
import dev.forebay.run.LogReader;
import dev.forebay.run.Observation;
import dev.forebay.run.Outcome;
import dev.forebay.run.Program;
import dev.forebay.run.Relay;
import dev.forebay.run.RunOrder;
import dev.forebay.run.Watcher;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Takes every run, starts none and ends those that are canceled; each log has one line, and a
 * reader that follows it waits for more.
 */
class WaitingExecutor implements Executor {
    /** Of every program. */
    static final Optional<String> DIGEST = Optional.of("file:1");

    /** Those of ephemeral buffers, by their IDs. */
    final Map<String, Relay> relays = new ConcurrentHashMap<>();

    /** One for each log that was closed. */
    final Semaphore closedLogs = new Semaphore(0);

    private final Map<Long, Watcher> watchers = new ConcurrentHashMap<>();

    @Override
    public Capabilities capabilities() {
        return new Capabilities("waiting", "none", false, false, true, false, false, false, false);
    }

    @Override
    public Optional<String> digest(Program program) {
        return DIGEST;
    }

    @Override
    public void check(RunOrder order) {}

    @Override
    public void start(RunOrder order, Watcher watcher) {
        watchers.put(order.run(), watcher);
    }

    @Override
    public void reconcile(Collection<Unfinished> runs, Watcher watcher) {}

    @Override
    public void cancel(long run, String reason) {
        Watcher watcher = watchers.remove(run);
        if (watcher != null) {
            watcher.observed(run, new Observation.Ended(Outcome.canceled(reason), Instant.EPOCH));
        }
    }

    @Override
    public Optional<Relay> relay(long run, String buffer) {
        return Optional.ofNullable(relays.get(buffer));
    }

    @Override
    public LogReader logs(long run, LogQuery query) {
        Iterator<LogLine> lines =
                List.of(new LogLine(Instant.EPOCH, new byte[] {'x'}, true)).iterator();
        return new LogReader() {
            @Override
            public @Nullable LogLine next() throws InterruptedException {
                if (query.follow() && !lines.hasNext()) {
                    new CountDownLatch(1).await();
                }
                return lines.hasNext() ? lines.next() : null;
            }

            @Override
            public void close() {
                closedLogs.release();
            }
        };
    }

    @Override
    public Collection<Long> ended() {
        return List.of();
    }

    @Override
    public void forget(long run) {}

    @Override
    public void drain(Duration patience) throws InterruptedException {}

    @Override
    public void close() {}
}
