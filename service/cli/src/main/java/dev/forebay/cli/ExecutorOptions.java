package dev.forebay.cli;

import dev.forebay.base.Reason;
import dev.forebay.blob.Container;
import dev.forebay.run.Executor;
import dev.forebay.run.oci.OciExecutor;
import dev.forebay.run.oci.OciSettings;
import dev.forebay.run.oci.PullPolicy;
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
        PROCESS,
        OCI
    }

    @Option(
            names = "--executor",
            paramLabel = "KIND",
            description =
                    "What executes runs: process, programs of this machine; or oci, containers of Podman or Docker; without it none are executed.")
    private Kind kind;

    @Option(
            names = "--executor-user",
            paramLabel = "NAME",
            description =
                    "Whose rights programs have. With process the name of a user of this machine, which a server of root must give; with oci the numbers UID or UID:GID in the container, 65534:65534 (nobody) unless given.")
    private String user;

    @Option(
            names = "--executor-directory",
            paramLabel = "DIR",
            description =
                    "Where runs have their files; default: runs in --data. --executor-user must be able to pass it.")
    private Path directory;

    @Option(
            names = "--executor-cgroup",
            paramLabel = "DIR",
            description =
                    "With process: a control group (version 2) that this server may divide, so that limits hold for each run; own: the one it is in, as with Delegate= of systemd; default: none.")
    private String controlGroup;

    @Option(
            names = "--executor-socket",
            paramLabel = "PATH",
            description =
                    "The socket of the engine for oci; default: $$DOCKER_HOST, else the first usual one of Podman or Docker that is there.")
    private Path socket;

    @Option(
            names = "--executor-pull",
            paramLabel = "WHEN",
            description =
                    "When oci fetches an image: never, missing (if it is not on this machine), or always; default: missing.")
    private PullPolicy pull;

    @Option(
            names = "--executor-network",
            paramLabel = "NAME",
            description = "The engine's network for all containers of oci; default: none.")
    private String network;

    @Option(
            names = "--drain",
            paramLabel = "TIME",
            converter = OptionValues.Time.class,
            defaultValue = "10s",
            description =
                    "How long a server that stops waits for programs that run; then they are ended.")
    private Duration drain;

    @Option(
            names = "--run-log-ttl",
            paramLabel = "TIME",
            converter = ServeCommand.LifetimeWords.class,
            description =
                    "How long the log of a run is kept after its end, such as 30d or 12h; a bare number is days.")
    private String logLifetime = "30";

    RunConfig config() {
        return executor().withLogLifetime(OptionValues.lifetime(logLifetime));
    }

    private RunConfig executor() {
        boolean engine = socket != null || pull != null || network != null;
        if (kind == null && (engine || user != null || directory != null)) {
            throw wrong("--executor-user, --executor-directory and the like need --executor");
        }
        if (kind == Kind.PROCESS && engine) {
            throw wrong(
                    "--executor-socket, --executor-pull and --executor-network need --executor oci");
        }
        if (kind != Kind.PROCESS && controlGroup != null) {
            throw wrong("--executor-cgroup needs --executor process");
        }
        if (kind == null) {
            return RunConfig.NONE;
        }
        return new RunConfig(
                Optional.of(
                        switch (kind) {
                            case PROCESS -> this::openProcess;
                            case OCI -> this::openOci;
                        }),
                drain);
    }

    private CommandLine.ParameterException wrong(String message) {
        return new CommandLine.ParameterException(spec.commandLine(), message);
    }

    private Executor openOci(Path data, Function<String, Container> buffers) throws IOException {
        Path found = socket != null ? socket : EngineSocket.usual(Shell.of(spec));
        OciSettings settings = OciSettings.of(found.toAbsolutePath(), runs(data));
        settings = user == null ? settings : settings.withUser(user);
        settings = pull == null ? settings : settings.withPull(pull);
        settings = network == null ? settings : settings.withNetwork(network);
        Executor executor = OciExecutor.open(settings, buffers);
        try {
            String _ = OciExecutor.engineVersion(settings.socket());
        } catch (IOException e) {
            Shell.of(spec)
                    .err()
                    .println(
                            "Warning: no container engine answers at %s (%s); runs wait until one does"
                                    .formatted(settings.socket(), Reason.of(e)));
        }
        return executor;
    }

    private Path runs(Path data) {
        return directory == null
                ? data.toAbsolutePath().resolve("runs")
                : directory.toAbsolutePath();
    }

    private Executor openProcess(Path data, Function<String, Container> buffers)
            throws IOException, InterruptedException {
        boolean foreign = isForeign(user);
        if (foreign && directory == null) {
            throw new IllegalArgumentException(
                    "the programs of %s cannot pass %s, which is for the server's user alone; name a directory that they can with --executor-directory"
                            .formatted(user, data));
        }
        ProcessSettings settings = ProcessSettings.in(runs(data)).withHidden(data);
        settings = user == null ? settings : settings.withUser(user);
        Executor executor =
                ProcessExecutor.open(
                        controlGroup == null ? settings : settings.withControlGroup(group()),
                        buffers);
        warn(executor.capabilities().isolation(), foreign, data);
        return executor;
    }

    private Path group() throws IOException {
        return controlGroup.equals("own")
                ? ProcessExecutor.ownControlGroup()
                : Path.of(controlGroup).toAbsolutePath();
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
