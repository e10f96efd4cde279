package dev.forebay.bench.datalog;

import dev.forebay.bench.Run;
import dev.forebay.bench.streams.ServerProcess;
import dev.forebay.blobhttp.TlsTrust;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/** A {@code forebay serve} process with its default settings, a TLS listener and a user. */
final class LogServer implements AutoCloseable {
    private static final String USER = "bench";
    private static final String PASSWORD = "of the bench";

    private final ServerProcess process;
    private final Path data;

    private LogServer(ServerProcess process, Path data) {
        this.process = process;
        this.data = data;
    }

    /** Starts it on a data directory that has no user yet. */
    static LogServer start(Run run, Path data) throws IOException, InterruptedException {
        LogServer server = new LogServer(ServerProcess.startWithTls(run.forebay(), data), data);
        boolean done = false;
        try {
            server.addUser(run.forebay());
            done = true;
            return server;
        } finally {
            if (!done) {
                server.close();
            }
        }
    }

    private void addUser(Path forebay) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(
                                forebay.toString(),
                                "user",
                                "add",
                                USER,
                                "--password-file",
                                "-",
                                "--data",
                                data.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (OutputStream in = process.getOutputStream()) {
            in.write(PASSWORD.getBytes(StandardCharsets.UTF_8));
        }
        if (process.waitFor() != 0) {
            throw new IOException("'forebay user add' ended with an error");
        }
    }

    /** A client of its own connection, logged in. */
    LogCalls calls() throws IOException, InterruptedException {
        return new LogCalls(process.tls(), trust(), USER, PASSWORD);
    }

    TlsTrust trust() throws IOException {
        return TlsTrust.ofFile(data.resolve("keys").resolve("authority.pem"));
    }

    /** Of the plain listener. */
    URI uri() {
        return process.uri();
    }

    URI tls() {
        return process.tls();
    }

    Duration cpu() throws IOException {
        return process.cpu();
    }

    long mostResidentMiB() throws IOException {
        return process.mostResidentMiB();
    }

    @Override
    public void close() throws IOException {
        process.close();
    }
}
