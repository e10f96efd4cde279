package dev.forebay.cli;

import dev.forebay.base.ByteSize;
import dev.forebay.datalog.DataLog;
import dev.forebay.datalog.DataLogSettings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Which log a command is about: that of a data directory whose server does not run ({@code
 * --data}), or that of a running server, for a user with a password.
 */
final class LogPlace {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--server",
            paramLabel = "URL",
            description =
                    "The server to talk to, such as http://127.0.0.1:7720; default: $$FOREBAY_SERVER, else the login.")
    private String server;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The data directory of a server that does not run; instead of --server.")
    private Path data;

    @Option(
            names = "--user",
            paramLabel = "NAME",
            description = "Who asks the server; default: $$FOREBAY_USER.")
    private String user;

    @Option(
            names = "--password-file",
            paramLabel = "FILE",
            description =
                    "Holds the password of that user; default: $$FOREBAY_PASSWORD_FILE. One line break at its end is left out.")
    private Path passwordFile;

    @Option(
            names = "--tls-certificates",
            paramLabel = "PEM",
            description =
                    "Whom to trust with https; default: $$FOREBAY_TLS_CERTIFICATES, else as the login says, else whom Java trusts.")
    private Path certificates;

    @Option(
            names = ProxyChoice.OPTION,
            paramLabel = ProxyChoice.LABEL,
            description = ProxyChoice.HELP)
    private String proxy;

    boolean isDirectory() {
        return data != null;
    }

    /** Opens the log of the directory; it must be there. Its allowance removes nothing. */
    DataLog open() throws IOException {
        Path folder = data.resolve("log");
        if (!Files.isDirectory(folder)) {
            throw new IOException(
                    "there is no log in %s: it has no folder 'log'; name the data directory of a server"
                            .formatted(data));
        }
        return DataLog.open(
                folder, DataLogSettings.defaults().withAllowance(ByteSize.of(Long.MAX_VALUE / 2)));
    }

    /** The pages of the directory. */
    Path pages() {
        return data.resolve("log").resolve("pages");
    }

    LogClient client() throws IOException {
        URI uri = Session.uri(server, Shell.of(spec));
        String name = user != null ? user : Shell.of(spec).variable("FOREBAY_USER");
        if (name == null) {
            throw new IllegalArgumentException(
                    "expected --user NAME or FOREBAY_USER; the log of a server is open to users only ('forebay user add')");
        }
        return new LogClient(
                uri,
                Session.trust(certificates, uri, Shell.of(spec)),
                ProxyChoice.ofOption(proxy, Shell.of(spec)),
                name,
                password());
    }

    private String password() throws IOException {
        String variable = Shell.of(spec).variable("FOREBAY_PASSWORD_FILE");
        Path file =
                passwordFile != null
                        ? passwordFile
                        : variable == null ? null : FileNames.path(variable);
        if (file == null) {
            throw new IllegalArgumentException(
                    "expected --password-file FILE or FOREBAY_PASSWORD_FILE");
        }
        return PasswordFile.read(file);
    }

    /** What a call of the log gives, wherever it is. */
    interface OnLog<R> {
        R of(DataLog log) throws IOException;
    }

    /** The same, asked of a server. */
    interface OnServer<R> {
        R of(LogClient client) throws IOException;
    }

    /** Asks the log of the directory or of the server. */
    <R> R ask(OnLog<R> here, OnServer<R> there) throws IOException {
        if (!isDirectory()) {
            return there.of(client());
        }
        try (DataLog log = open()) {
            return here.of(log);
        }
    }
}
