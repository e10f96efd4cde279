package dev.forebay.cli;

import dev.forebay.base.ByteSize;
import dev.forebay.blob.BodyDigest;
import dev.forebay.control.Lifetimes;
import dev.forebay.server.ForebayServer;
import dev.forebay.server.LogConfig;
import dev.forebay.server.ServerConfig;
import dev.forebay.server.ServerLog;
import dev.forebay.server.TlsConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs a server until SIGTERM or SIGINT. */
@Command(
        name = "serve",
        description = {
            "Run a server until SIGTERM or Ctrl-C; on loopback unless told otherwise.",
            "Today every user of this machine who reaches its port is an owner of all buffers."
        },
        footerHeading = "%nExample:%n",
        footer = "  forebay serve --data /var/lib/forebay --port 7720",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class ServeCommand implements Callable<Integer> {
    /**
     * The system property that the launcher sets while it records for the AOT cache: with the
     * module of the vectors, the JDK makes no cache.
     */
    private static final String REHEARSAL = "forebay.rehearsal";

    /** A script uses a server that it started at once; for so long it has the processors alone. */
    private static final Duration FIRST_USE = Duration.ofSeconds(2);

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Its directory; default $$XDG_DATA_HOME/forebay.")
    private Path data;

    @Option(
            names = "--port",
            paramLabel = "N",
            converter = OptionValues.Port.class,
            description = "Where to listen on 127.0.0.1; 0: a free port.")
    private int port = ServerConfig.DEFAULT_PORT;

    @Option(
            names = "--bind",
            paramLabel = "ADDR",
            converter = Loopback.class,
            description =
                    "The loopback address of --port; beyond loopback, --tls-bind is the way: plain HTTP has no access control.")
    private String bind;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description =
                    "Settings in YAML: the options of this command without --, such as 'port: 7720'. Options given on the line beat them.")
    private Path configFile;

    @Option(
            names = "--public-url",
            paramLabel = "URL",
            converter = PublicUrl.class,
            description =
                    "Where clients find the server, if a proxy stands before it; access URLs begin with it.")
    private URI publicUrl;

    @Option(
            names = "--default-ttl",
            paramLabel = "TIME",
            converter = LifetimeWords.class,
            description =
                    "How long a buffer lives that was created without a lifetime, such as 30d, 12h or 7.12:30; a bare number is days; default: for ever.")
    private String defaultTtl;

    @Option(
            names = "--soft-deleted-ttl",
            paramLabel = "TIME",
            converter = LifetimeWords.class,
            description = "How long a deleted buffer can be restored, in the same words.")
    private String softDeletedTtl = "1";

    @Option(
            names = "--tls-port",
            paramLabel = "N",
            converter = OptionValues.Port.class,
            description =
                    "Listen with TLS on this port too, for HTTPS and gRPC; 0: a free port; 7443 is usual, 443 is what the robot's clients expect.")
    private Integer tlsPort;

    @Option(
            names = "--tls-bind",
            paramLabel = "ADDR",
            description =
                    "The address of --tls-port; beyond loopback it serves only the data log and access URLs.")
    private String tlsBind;

    @Option(
            names = "--tls-name",
            paramLabel = "NAME",
            showDefaultValue = CommandLine.Help.Visibility.NEVER,
            description =
                    "A host name or address by which clients reach --tls-port, for the certificate; may be repeated.")
    private List<String> tlsNames = new ArrayList<>();

    @Option(
            names = "--log-allowance",
            paramLabel = "SIZE",
            converter = Allowance.class,
            description =
                    "What the data log may take on the disk, 1MiB or more, such as 20G; its oldest pages go first.")
    private ByteSize logAllowance = LogConfig.DEFAULT.allowance();

    @Option(
            names = "--log-plain-400",
            description =
                    "Answer downloads of the log that have wrong parameters with 400; otherwise with 403, as a robot does.")
    private boolean logPlain400;

    @Option(
            names = "--access-log",
            description =
                    "Log a line for each request: method, path without its query, status, bytes, milliseconds. --log-level and --log-format hold for the server's own log.")
    private boolean accessLog;

    @Mixin private ExecutorOptions executor;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (configFile != null) {
            new ServeSettings(configFile).applyTo(spec);
        }
        Path directory = data != null ? data : Session.folder("XDG_DATA_HOME", ".local/share");
        try (ForebayServer server = ForebayServer.start(config(directory.toAbsolutePath()))) {
            EndSignals end = EndSignals.taken();
            server.uris().forEach(uri -> Shell.of(spec).out().println("listening on " + uri));
            Shell.of(spec).out().flush();
            if (!end.await(FIRST_USE) && !Boolean.getBoolean(REHEARSAL)) {
                BodyDigest.prepare();
            }
            end.await();
        }
        return 0;
    }

    private ServerConfig config(Path directory) {
        Lifetimes lifetimes =
                new Lifetimes(
                        Optional.ofNullable(defaultTtl).map(ServeCommand::lifetime),
                        lifetime(softDeletedTtl));
        ServerConfig config =
                ServerConfig.of(directory, port)
                        .withHost(bind == null ? ServerConfig.DEFAULT_HOST : bind)
                        .withLifetimes(lifetimes)
                        .withLog(new LogConfig(logAllowance, logPlain400))
                        .withRuns(executor.config())
                        .withServerLog(serverLog());
        if (tls().isPresent()) {
            config = config.withTls(tls().get());
        }
        return publicUrl == null ? config : config.withPublicUrl(publicUrl);
    }

    /** Warnings and worse, unless the line or the file says otherwise. */
    private ServerLog serverLog() {
        LogLines.Level level = (LogLines.Level) ofEveryCommand(LogOptions.LEVEL);
        String format = (String) ofEveryCommand(LogOptions.FORMAT);
        return new ServerLog(
                switch (level) {
                    case null -> ServerLog.DEFAULT.level();
                    case TRACE -> System.Logger.Level.TRACE;
                    case DEBUG -> System.Logger.Level.DEBUG;
                    case INFO -> System.Logger.Level.INFO;
                    case WARN -> System.Logger.Level.WARNING;
                    case ERROR -> System.Logger.Level.ERROR;
                },
                "json".equals(format),
                accessLog);
    }

    /** Null if it is not given; where it is, the line was read with the whole program. */
    private @Nullable Object ofEveryCommand(String option) {
        CommandLine.Model.OptionSpec found = spec.findOption(option);
        return found == null ? null : found.getValue();
    }

    private Optional<TlsConfig> tls() {
        if (tlsPort == null) {
            if (tlsBind != null || !tlsNames.isEmpty()) {
                throw new CommandLine.ParameterException(
                        spec.commandLine(),
                        "--tls-bind and --tls-name need --tls-port; %d is the usual port"
                                .formatted(TlsConfig.USUAL_PORT));
            }
            return Optional.empty();
        }
        TlsConfig onLoopback = TlsConfig.of(tlsPort);
        return Optional.of(
                new TlsConfig(tlsBind == null ? onLoopback.bind() : tlsBind, tlsPort, tlsNames));
    }

    private static Duration lifetime(String text) {
        return OptionValues.lifetime(text);
    }

    /** A lifetime as it was written, which may begin at any time from now on. */
    static final class LifetimeWords extends OptionValues.Converter<String> {
        LifetimeWords() {
            super(LifetimeWords::checked);
        }

        private static String checked(String text) {
            if (!Expiry.mayBegin(lifetime(text))) {
                throw new IllegalArgumentException(
                        "'%s' ends after the year 9999; expected a shorter time".formatted(text));
            }
            return text;
        }
    }

    /** What the log may take, no less than it needs. */
    static final class Allowance extends OptionValues.Converter<ByteSize> {
        Allowance() {
            super(text -> new LogConfig(ByteSize.parse(text), false).allowance());
        }
    }

    /** Where clients find the server. */
    static final class PublicUrl extends OptionValues.Converter<URI> {
        PublicUrl() {
            super(text -> Login.checked("--public-url", text));
        }
    }

    /** An address that only this machine reaches. */
    static final class Loopback extends OptionValues.Converter<String> {
        Loopback() {
            super(Loopback::checked);
        }

        private static String checked(String text) {
            try {
                if (InetAddress.getByName(text).isLoopbackAddress()) {
                    return text;
                }
            } catch (UnknownHostException e) {
                throw new IllegalArgumentException(
                        "'%s' is not an address of this machine; expected one such as 127.0.0.1"
                                .formatted(text),
                        e);
            }
            throw new IllegalArgumentException(
                    "'%s' is beyond loopback, and plain HTTP beyond loopback comes with access control, which this version does not have; use --tls-port with --tls-bind %s, which serves the data log and access URLs"
                            .formatted(text, text));
        }
    }
}
