package dev.forebay.cli;

import dev.forebay.blobhttp.HttpProxy;
import dev.forebay.blobhttp.TlsTrust;
import dev.forebay.wire.PlainJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Remembers a server, once it has answered as one. */
@Command(
        name = "login",
        description = "Remember a server, so that --server is not needed.",
        subcommands = LoginCommand.Status.class,
        footerHeading = "%nExample:%n",
        footer = "  forebay login http://127.0.0.1:7720",
        mixinStandardHelpOptions = true)
final class LoginCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Parameters(
            arity = "0..1", // A sub-command stands without one.
            paramLabel = "SERVER_URL",
            description = "The server, such as http://127.0.0.1:7720.")
    private String server;

    @Option(
            names = {"-f", "--file"},
            paramLabel = "YAML",
            description =
                    "Settings of a login instead of SERVER_URL: serverUrl, tlsCaCertificates (a PEM file, relative to this one), proxy.")
    private Path file;

    @Option(
            names = "--tls-certificates",
            paramLabel = "PEM",
            description = "Whom to trust with https, remembered too; default: whom Java trusts.")
    private Path certificates;

    @Option(
            names = ProxyChoice.OPTION,
            paramLabel = "PROXY",
            description =
                    "auto, none, or a URL such as http://NAME:PASSWORD@proxy:3128, remembered too; default: auto: $$HTTPS_PROXY but for $$NO_PROXY, for https only.")
    private String proxy;

    @Override
    public Integer call() throws IOException {
        if (server == null && file == null) {
            throw new ParameterException(
                    spec.commandLine(), "Missing required parameter: 'SERVER_URL'");
        }
        if (server != null && file != null) {
            throw new IllegalArgumentException("give SERVER_URL or --file, not both");
        }
        LoginFile settings = file == null ? LoginFile.of(server) : LoginFile.read(file);
        URI uri = settings.server();
        Optional<Path> trusted = Optional.ofNullable(certificates).or(settings::certificates);
        Shell shell = Shell.of(spec);
        Optional<String> chosen = Optional.ofNullable(proxy).or(settings::proxy);
        Login.metadata(
                uri,
                trusted.isEmpty() ? TlsTrust.ofJava() : TlsTrust.ofFile(trusted.get()),
                ProxyChoice.of(ProxyChoice.OPTION, chosen.orElse(ProxyChoice.AUTO), shell));
        new Login(shell).remember(uri, trusted, chosen);
        return 0;
    }

    /** Says where one is logged in. */
    @Command(
            name = "status",
            description = "Say which server is remembered, and whether it answers.",
            footerHeading = "%nExample:%n",
            footer = "  forebay login status --format json",
            mixinStandardHelpOptions = true,
            showDefaultValues = true)
    static final class Status implements Callable<Integer> {
        /** How to say it. */
        enum Format {
            TEXT,
            JSON;

            @Override
            public String toString() {
                return name().toLowerCase(Locale.ROOT);
            }
        }

        @Spec private CommandSpec spec;

        @Option(
                names = "--format",
                paramLabel = "FORMAT",
                defaultValue = "text",
                description = "How to say it: ${COMPLETION-CANDIDATES}.")
        private Format format;

        @Override
        public Integer call() throws IOException {
            Login login = new Login(Shell.of(spec));
            URI uri =
                    login.server()
                            .orElseThrow(() ->
                                    new IOException(
                                            "not logged in: run 'forebay login URL' to connect to a"
                                                    + " server"));
            HttpProxy proxy = ProxyChoice.ofLogin(login, Shell.of(spec));
            Map<String, Object> metadata = Login.metadata(uri, Session.trust(uri, login), proxy);
            PrintWriter out = Shell.of(spec).out();
            if (format == Format.TEXT) {
                out.println("You are logged in to " + uri);
                proxy.to(uri).ifPresent(hop -> out.println("Proxy: http://" + hop));
                return 0;
            }
            Map<String, Object> status = new LinkedHashMap<>();
            status.put("serverUrl", uri.toString());
            status.put("proxy", proxy.toString());
            status.put("metadata", metadata);
            out.println(PlainJson.writeIndented(status));
            return 0;
        }
    }
}
