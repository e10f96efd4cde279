package dev.forebay.cli;

import dev.forebay.base.ByteSize;
import dev.forebay.base.ForebayException;
import dev.forebay.base.Reason;
import dev.forebay.blobhttp.HttpProxy;
import dev.forebay.blobhttp.TlsTrust;
import dev.forebay.run.oci.OciExecutor;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import javax.net.ssl.HttpsURLConnection;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * Prints what a report of a bug needs. It changes nothing, and holds no secret: an access URL or a
 * password is not asked for.
 */
@Command(
        name = "doctor",
        description = {
            "Print what a bug report needs: versions, folders, disk space, the server and its clock.",
            "Exit code 1 if a line begins with 'problem'."
        },
        footerHeading = "%nExample:%n",
        footer = "  forebay doctor",
        mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
    private static final int WAIT_MILLIS = 5000;

    /** A difference from which on access URLs that were just made may be refused. */
    private static final Duration MOST_CLOCK_DIFFERENCE = Duration.ofSeconds(5);

    @Mixin private Session session;
    @Spec private CommandSpec spec;

    private int problems;

    @Override
    public Integer call() {
        say("version", VersionCommand.TEXT);
        say(
                "system",
                "%s %s %s, %d processors, file names in %s"
                        .formatted(
                                System.getProperty("os.name"),
                                System.getProperty("os.version"),
                                System.getProperty("os.arch"),
                                Runtime.getRuntime().availableProcessors(),
                                System.getProperty("sun.jnu.encoding")));
        say(
                "java",
                "%s, heap at most %s"
                        .formatted(
                                System.getProperty("java.home"),
                                ByteSize.of(Runtime.getRuntime().maxMemory())));
        folder("data", "XDG_DATA_HOME", ".local/share");
        folder("config", "XDG_CONFIG_HOME", ".config");
        folder("cache", "XDG_CACHE_HOME", ".cache");
        folder("state", "XDG_STATE_HOME", ".local/state");
        folder("temporary", Path.of(System.getProperty("java.io.tmpdir")), "TMPDIR");
        engine();
        server();
        return problems == 0 ? 0 : Failures.FAILED;
    }

    private void say(String what, String found) {
        PrintWriter out = Shell.of(spec).out();
        out.printf("%-9s %s%n", what, found.replace("\n", "\\n"));
    }

    private void problem(String found) {
        problems++;
        say("problem", found);
    }

    private void folder(String what, String variable, String fallback) {
        try {
            folder(what, Shell.of(spec).folder(variable, fallback), variable);
        } catch (Shell.NoHomeException e) {
            say(what, "none: " + Reason.of(e)); // Of services this is usual.
        } catch (IllegalArgumentException e) {
            problem(what + ": " + Reason.of(e));
        }
    }

    private void folder(String what, Path folder, String variable) {
        try {
            Path there = folder;
            while (!Files.exists(there) && there.getParent() != null) {
                there = there.getParent();
            }
            FileStore store = Files.getFileStore(there);
            say(
                    what,
                    "%s, %s, %s free of %s"
                            .formatted(
                                    folder,
                                    there.equals(folder) ? "is there" : "not there yet",
                                    ByteSize.of(store.getUsableSpace()),
                                    ByteSize.of(store.getTotalSpace())));
            if (!Files.isWritable(there)) {
                problem(
                        "'%s' cannot be written; mend its permissions, or set %s"
                                .formatted(there, variable));
            }
        } catch (IOException e) {
            problem(what + ": " + Reason.of(e));
        }
    }

    /** A server needs one for containers only, so its absence is no problem. */
    private void engine() {
        try {
            Path socket = EngineSocket.usual(Shell.of(spec));
            say("engine", OciExecutor.engineVersion(socket) + " at " + socket);
        } catch (IOException e) {
            say("engine", "none: " + Reason.of(e));
        }
    }

    private void server() {
        Optional<URI> uri = place();
        if (uri.isEmpty()) {
            return;
        }
        URI server = uri.get();
        try {
            TlsTrust trust = session.trust(server);
            HttpProxy proxy = session.proxy();
            say("proxy", proxy.toString());
            Login.metadata(server, trust, proxy);
            say("server", server + ", answers as a server of this protocol");
            if (proxy.to(server).isEmpty()) {
                clock(server, trust);
            } else {
                say("clock", "not compared, since a proxy is on the way");
            }
        } catch (IOException | ForebayException | IllegalArgumentException e) {
            problem(Reason.of(e));
        }
    }

    private Optional<URI> place() {
        try {
            return Optional.of(session.uri());
        } catch (IOException e) {
            say("server", "none: " + Reason.of(e));
        } catch (Shell.NoHomeException e) {
            say("server", "none: no login is known; give --server URL or FOREBAY_SERVER");
        } catch (IllegalArgumentException e) {
            problem(Reason.of(e));
        }
        return Optional.empty();
    }

    private void clock(URI server, TlsTrust trust) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(server + "/healthcheck").toURL().openConnection();
        if (connection instanceof HttpsURLConnection secure) {
            secure.setSSLSocketFactory(trust.sockets());
        }
        connection.setConnectTimeout(WAIT_MILLIS);
        connection.setReadTimeout(WAIT_MILLIS);
        Instant before = Instant.now();
        int status = connection.getResponseCode();
        long date = connection.getDate();
        Instant after = Instant.now();
        if (status == HttpURLConnection.HTTP_OK) {
            say("health", "the server is healthy");
        } else {
            problem("the server is not healthy: status %d; see its log".formatted(status));
        }
        if (date == 0) {
            say("clock", "the server does not say its time");
            return;
        }
        // The header has whole seconds, so the server's time is anywhere in the one it names.
        Instant its = Instant.ofEpochMilli(date);
        Duration behind = Duration.between(its.plusSeconds(1), before);
        Duration ahead = Duration.between(after, its);
        Duration most = behind.compareTo(ahead) > 0 ? behind : ahead;
        if (most.compareTo(MOST_CLOCK_DIFFERENCE) > 0) {
            problem(
                    "the server's clock differs by %d s from that of this machine; access URLs may be refused, so set the clocks"
                            .formatted(most.toSeconds()));
        } else {
            say("clock", "the server's clock is that of this machine, to a few seconds");
        }
    }
}
