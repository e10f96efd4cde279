package dev.forebay.cli;

import dev.forebay.blob.Container;
import dev.forebay.run.Executor;
import dev.forebay.run.process.Isolation;
import dev.forebay.run.process.ProcessExecutor;
import dev.forebay.run.process.ProcessSettings;
import dev.forebay.server.RunConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Whether and how a server executes runs. */
final class ExecutorOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    /** What executes runs. */
    enum Kind {
        PROCESS
    }

    @Option(
            names = "--executor",
            paramLabel = "KIND",
            description =
                    "What executes runs: process, programs of this machine; without it none are executed.")
    private Kind kind;

    @Option(
            names = "--executor-user",
            paramLabel = "NAME",
            description =
                    "The user of this machine whose rights programs have; must be given if the server runs as root.")
    private String user;

    @Option(
            names = "--executor-directory",
            paramLabel = "DIR",
            description =
                    "Where runs have their files; default: runs in --data. --executor-user must be able to pass it.")
    private Path directory;

    @Option(
            names = "--drain",
            paramLabel = "TIME",
            converter = OptionValues.Time.class,
            description =
                    "How long a server that stops waits for programs that run; then they are ended.")
    private Duration drain = Duration.ofSeconds(10);

    @Option(
            names = "--run-log-ttl",
            paramLabel = "TIME",
            description =
                    "How long the log of a run is kept after its end, such as 30d or 12h; a bare number is days.")
    private String logLifetime = "30";

    RunConfig config() {
        return executor().withLogLifetime(OptionValues.lifetime(logLifetime));
    }

    private RunConfig executor() {
        if (kind == null) {
            if (user != null || directory != null) {
                throw new CommandLine.ParameterException(
                        spec.commandLine(),
                        "--executor-user and --executor-directory need --executor process");
            }
            return RunConfig.NONE;
        }
        return new RunConfig(Optional.of(this::open), drain);
    }

    private Executor open(Path data, Function<String, Container> buffers)
            throws IOException, InterruptedException {
        boolean foreign = isForeign(user);
        if (foreign && directory == null) {
            throw new IllegalArgumentException(
                    "the programs of %s cannot pass %s, which is for the server's user alone; name a directory that they can with --executor-directory"
                            .formatted(user, data));
        }
        Path runs = directory == null ? data.resolve("runs") : directory.toAbsolutePath();
        ProcessSettings settings = ProcessSettings.in(runs).withHidden(data);
        ProcessExecutor executor =
                ProcessExecutor.open(user == null ? settings : settings.withUser(user), buffers);
        warn(executor.capabilities().isolation(), foreign, data);
        return executor;
    }

    private static boolean isForeign(@Nullable String user) {
        return user != null && !user.equals(System.getProperty("user.name"));
    }

    private void warn(String isolation, boolean foreign, Path data) {
        if (!isolation.equals(Isolation.BUBBLEWRAP.text()) && !foreign) {
            Shell.of(spec)
                    .err()
                    .println(
                            "Warning: every local user can run programs as %s, and these can read the keys and data in %s; install bubblewrap, or name another user with --executor-user"
                                    .formatted(System.getProperty("user.name"), data));
        }
    }
}
