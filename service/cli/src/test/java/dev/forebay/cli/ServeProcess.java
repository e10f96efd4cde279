package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.client.ForebayClient;
import dev.forebay.client.RunInfo;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Server processes on one data directory and one port, one after the other, and commands that use
 * them. The port is kept from others by a socket that is bound and never listens.
 */
final class ServeProcess implements AutoCloseable {
    static final int TERM = 15;
    static final int KILL = 9;

    private final Path directory;
    private final List<String> options;
    private final Socket port = new Socket();
    private final List<Process> commands = new ArrayList<>();
    private @Nullable Process server;

    /**
     * Starts the first server.
     *
     * @param directory takes {@code data} and {@code errors}
     * @param options of {@code serve}
     */
    ServeProcess(Path directory, String... options) throws IOException {
        this.directory = directory;
        this.options = List.of(options);
        port.setReuseAddress(true);
        port.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        start();
    }

    /** Starts the next server, once the one before has ended. */
    void start() throws IOException {
        List<String> command = new ArrayList<>(ProcessTest.java());
        command.addAll(List.of("serve", "--data", data().toString()));
        command.addAll(List.of("--port", Integer.toString(port.getLocalPort())));
        command.addAll(options);
        Process process =
                new ProcessBuilder(command)
                        .redirectError(directory.resolve("errors").toFile())
                        .start();
        server = process;
        BufferedReader lines = process.inputReader(UTF_8); // Closed with the process.
        assertThat(lines.readLine()).as("%s", errors()).isEqualTo("listening on " + url());
    }

    Path data() {
        return directory.resolve("data");
    }

    String url() {
        return "http://127.0.0.1:" + port.getLocalPort();
    }

    ForebayClient client() {
        return new ForebayClient(URI.create(url()));
    }

    /** What the server that was started last said on standard error. */
    String errors() throws IOException {
        return Files.readString(directory.resolve("errors"));
    }

    /** Sends the server a signal, and does not wait. */
    void signal(int signal) {
        UnixCalls.kill(server().pid(), signal);
    }

    /** The exit code of the server, once it has ended. */
    int awaitExit() throws InterruptedException {
        return server().waitFor();
    }

    private Process server() {
        if (server == null) {
            throw new IllegalStateException("not started");
        }
        return server;
    }

    void kill() throws InterruptedException {
        signal(KILL);
        assertThat(awaitExit()).isEqualTo(128 + KILL);
    }

    /** Creates a run of a codespec, and waits until its program runs. */
    void begin(Cli cli, String codespec, long id) {
        assertThat(cli.run("run", "create", "-c", codespec, "--server", url()).text())
                .isEqualTo(Long.toString(id));
        assertThatThrownBy(() -> client().runs().watch(id, ServeProcess::endWatch))
                .hasMessage("it runs");
    }

    private static void endWatch(RunInfo run) {
        if (run.status().equals("Running")) {
            throw new IllegalStateException("it runs");
        }
    }

    RunInfo awaitEnd(long id) {
        return client().runs().watch(id, _ -> {});
    }

    /** Starts a command of its own process, whose standard error goes to a file. */
    Process command(Path errors, String... words) throws IOException {
        List<String> command = new ArrayList<>(ProcessTest.java());
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
        builder.environment().put("FOREBAY_SERVER", url());
        Process process = builder.start();
        commands.add(process);
        return process;
    }

    @Override
    public void close() throws IOException, InterruptedException {
        commands.forEach(Process::destroyForcibly);
        server().destroyForcibly().waitFor();
        port.close();
    }
}
