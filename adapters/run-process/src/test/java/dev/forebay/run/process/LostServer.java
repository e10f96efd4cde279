package dev.forebay.run.process;

import dev.forebay.run.Executor;
import dev.forebay.run.LogLine;
import dev.forebay.run.LogQuery;
import dev.forebay.run.LogReader;
import dev.forebay.run.Parameter;
import dev.forebay.run.Program;
import dev.forebay.run.RunOrder;
import dev.forebay.run.testing.Buffers;
import dev.forebay.run.testing.Observed;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** A server that starts a run, copies the run's log to its output, and is killed by its test. */
final class LostServer {
    private LostServer() {}

    /** The program, its child and its daemonised grandchild write their numbers and stay. */
    static RunOrder order() {
        String script =
                """
                echo $$
                sleep 1000 &
                echo $!
                (setsid sh -c 'echo $$ > pid; exec sleep 1000' </dev/null >/dev/null 2>&1 &)
                until [ -s pid ]; do sleep 0.01; done
                cat pid
                wait
                """;
        return RunOrder.of(
                1,
                Program.of(List.of("sh", "-c", script), List.of(Parameter.output("out"))),
                Map.of("out", "1-out"),
                Duration.ofMinutes(5));
    }

    public static void main(String[] arguments) throws Exception {
        ProcessSettings settings =
                Settings.in(Path.of(arguments[0])).withIsolation(Isolation.valueOf(arguments[1]));
        Executor executor = ProcessExecutor.open(settings, new Buffers());
        executor.start(order(), new Observed());
        try (LogReader log = executor.logs(1, LogQuery.ALL.following())) {
            for (LogLine line = log.next(); line != null; line = log.next()) {
                System.out.println(new String(line.text(), StandardCharsets.UTF_8));
            }
        }
        new CountDownLatch(1).await();
    }
}
