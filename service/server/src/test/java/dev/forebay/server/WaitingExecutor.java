package dev.forebay.server;

import dev.forebay.run.Capabilities;
import dev.forebay.run.Executor;
import dev.forebay.run.LogLine;
import dev.forebay.run.LogQuery;
import dev.forebay.run.LogReader;
import dev.forebay.run.RunOrder;
import dev.forebay.run.Watcher;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes every run and starts none; each log has one line. */
final class WaitingExecutor implements Executor {
    @Override
    public Capabilities capabilities() {
        return new Capabilities("waiting", "none", false, false, true, false, false, false, false);
    }

    @Override
    public void check(RunOrder order) {}

    @Override
    public void start(RunOrder order, Watcher watcher) {}

    @Override
    public void reconcile(Collection<Unfinished> runs, Watcher watcher) {}

    @Override
    public void cancel(long run, String reason) {}

    @Override
    public LogReader logs(long run, LogQuery query) {
        Iterator<LogLine> lines =
                List.of(new LogLine(Instant.EPOCH, new byte[] {'x'}, true)).iterator();
        return new LogReader() {
            @Override
            public @Nullable LogLine next() {
                return lines.hasNext() ? lines.next() : null;
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public void forget(long run) {}

    @Override
    public void drain(Duration patience) {}

    @Override
    public void close() {}
}
