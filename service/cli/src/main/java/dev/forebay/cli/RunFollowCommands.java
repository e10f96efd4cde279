package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.forebay.base.Reason;
import dev.forebay.client.RemoteRuns;
import dev.forebay.client.RunInfo;
import dev.forebay.client.RunLogQuery;
import dev.forebay.wire.PlainJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The commands that follow a run. */
final class RunFollowCommands {
    private RunFollowCommands() {}

    /** Prints a run whenever it changes. */
    @Command(
            name = "watch",
            description = "Print a run now and after each change, a line each, until it has ended.",
            footerHeading = "%nExample:%n",
            footer = "  forebay run watch 12",
            mixinStandardHelpOptions = true)
    static final class Watch implements Callable<Integer> {
        /** What the server decides. */
        private static final List<String> SYSTEM =
                List.of(
                        "id",
                        "status",
                        "statusReason",
                        "runningCount",
                        "createdAt",
                        "startedAt",
                        "finishedAt");

        @Mixin private Session session;
        @Mixin private RunArgument run;
        @Spec private CommandSpec spec;

        @Option(names = "--full-resource", description = "Print all fields.")
        private boolean full;

        private String last = "";

        @Override
        public Integer call() throws IOException, InterruptedException {
            ServerRestart restart = ServerRestart.of(session::warn);
            RemoteRuns runs = session.client().runs();
            run.on(() ->
                    restart.rideOver(() ->
                            runs.watch(
                                    run.id(),
                                    state -> {
                                        restart.answered();
                                        print(state);
                                    })));
            return 0;
        }

        private void print(RunInfo run) {
            Map<String, Object> fields = new LinkedHashMap<>(run.json());
            if (!full) {
                fields.keySet().retainAll(SYSTEM);
            }
            String line = new String(PlainJson.write(fields), UTF_8);
            if (!line.equals(last)) {
                Shell.of(spec).out().println(line);
                Shell.of(spec).out().flush();
                last = line;
            }
        }
    }

    /** Prints the log of a run. */
    @Command(
            name = "logs",
            aliases = "log",
            description = "Print what a run's program wrote to standard output and standard error.",
            footerHeading = "%nExample:%n",
            footer = "  forebay run logs 12 --follow --tail 100",
            mixinStandardHelpOptions = true)
    static final class Logs implements Callable<Integer> {
        private static final int PIECE = 8 << 10;

        @Mixin private Session session;
        @Mixin private RunArgument run;
        @Spec private CommandSpec spec;

        @Option(names = "--timestamps", description = "Begin each line with its time.")
        private boolean timestamps;

        @Option(
                names = "--tail",
                paramLabel = "N",
                description = "Only so many lines, the last ones; -1: all.")
        private long tail = -1;

        @Option(
                names = {"-s", "--since"},
                paramLabel = "TIME",
                converter = SearchOptions.Time.class,
                description =
                        "Only lines after it: such as 2026-01-31T10:00:00Z, or 15m for 15 minutes ago.")
        private Instant since;

        @Option(
                names = {"-f", "--follow"},
                description = "Wait for more until the run has ended.")
        private boolean follow;

        @Override
        public Integer call() throws IOException, InterruptedException {
            if (tail < -1) {
                throw new IllegalArgumentException("--tail must be -1 or more, not " + tail);
            }
            RunLogQuery query = new RunLogQuery(follow, timestamps, tail < 0 ? null : tail, since);
            try (OutputStream out = Channels.newOutputStream(Shell.of(spec).output())) {
                if (follow) {
                    follow(query, out);
                } else {
                    try (InputStream log = run.ask(session, (runs, id) -> runs.logs(id, query))) {
                        copy(log, out);
                    }
                }
            }
            return 0;
        }

        private void follow(RunLogQuery query, OutputStream out)
                throws IOException, InterruptedException {
            ServerRestart restart = ServerRestart.of(session::warn);
            RemoteRuns runs = session.client().runs();
            FollowedLog log = new FollowedLog(runs, run.id(), query, restart, out);
            run.on(() -> {
                log.copy();
                if (log.wasResumed()) {
                    tellEnd(restart.rideOver(() -> runs.watch(run.id(), _ -> {})));
                }
                return log;
            });
        }

        /** A run may have been lost with its server, and its log does not say so. */
        private void tellEnd(RunInfo last) {
            if (!last.status().equals("Succeeded")) {
                session.warn(
                        "run %d has ended: %s%s"
                                .formatted(
                                        last.id(),
                                        last.status(),
                                        last.statusReason()
                                                .map(reason -> " (" + reason + ")")
                                                .orElse("")));
            }
        }

        /** Says where to go on if the server goes away; what the output throws is left as it is. */
        private void copy(InputStream log, OutputStream out) throws IOException {
            byte[] some = new byte[PIECE];
            for (int count = read(log, some); count >= 0; count = read(log, some)) {
                out.write(some, 0, count);
            }
        }

        private int read(InputStream log, byte[] some) throws IOException {
            try {
                return log.read(some);
            } catch (IOException e) {
                throw new IOException(
                        "the server broke the log off (%s); the same command prints it again, with --since from a time on"
                                .formatted(Reason.of(e)),
                        e);
            }
        }
    }
}
