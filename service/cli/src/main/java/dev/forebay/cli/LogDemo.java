package dev.forebay.cli;

import dev.forebay.base.ByteSize;
import dev.forebay.bddf.BddfException;
import dev.forebay.blobhttp.TlsTrust;
import dev.forebay.datalog.export.LogExport;
import dev.forebay.server.UserAdministration;
import dev.forebay.spot.proto.RegisterSignalSchemaRequest;
import dev.forebay.spot.proto.RegisterSignalSchemaResponse;
import dev.forebay.spot.proto.SignalSchema;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The demonstration of the data log: a server in a process of its own, and a client in this one
 * that speaks as the stock client does. For one thread.
 */
final class LogDemo implements AutoCloseable {
    private static final String USER = "operator";

    /** One second. */
    private static final int LEAST = 720;

    /** All of it is held in memory, several times. */
    private static final int MOST = 512 << 10;

    private static final int SAMPLES_PLOTTED = 4 * 360;

    private final DemoProcesses processes;
    private final Path recording;
    private final Path passwordFile;
    private final Path authority;
    private final String password;
    private DemoProcesses.@Nullable Running server;
    private @Nullable SpotCalls calls;

    /** The processes are closed by the caller. */
    LogDemo(DemoProcesses processes, Path recording) throws IOException {
        this.processes = processes;
        this.recording = recording;
        byte[] random = new byte[12];
        new SecureRandom().nextBytes(random);
        password = HexFormat.of().formatHex(random);
        passwordFile = processes.directory().resolve("password");
        authority = processes.directory().resolve("data").resolve("keys").resolve("authority.pem");
    }

    /** False if anything differs. */
    boolean run(boolean spoil) throws IOException, InterruptedException {
        long size = Files.size(recording);
        if (size < LEAST || size > MOST) {
            throw new IOException(
                    "%s has %d bytes; expected a recording of %d to %d"
                            .formatted(recording, size, LEAST, MOST));
        }
        byte[] samples = Files.readAllBytes(recording);
        processes.say(
                "recording   %s, %s"
                        .formatted(recording.getFileName(), ByteSize.of(samples.length)));
        DemoProcesses.Running started = startServer("0", "0");
        processes.say(
                "server      %s, process %d, data in %s"
                        .formatted(
                                tls(started),
                                started.process().pid(),
                                processes.directory().resolve("data")));
        addUser();
        processes.say("user        %s, password in %s".formatted(USER, passwordFile));
        SpotCalls client = new SpotCalls(tls(started), TlsTrust.ofFile(authority), USER, password);
        calls = client;
        LogReplay replay = new LogReplay(samples, now(), register(client));
        long recordingFrom = System.nanoTime();
        record(client, replay.steps());
        double seconds = (System.nanoTime() - recordingFrom) / 1e9;
        Path bddf = download(log(client, Objects.requireNonNull(server)));
        boolean same = compare(replay.content(), spoil);
        boolean refused = damagedCopyIsRefused(bddf);
        processes.say(
                DemoProcesses.row(
                        "recorded",
                        String.format(
                                Locale.ROOT,
                                "by %d calls in %.1f s",
                                replay.steps().size(),
                                seconds)));
        processes.say(
                DemoProcesses.row(
                        "copy with one flipped bit", refused ? "refused" : "NOT REFUSED"));
        processes.say("");
        plot(LogReadBack.csv(file("csv")));
        processes.say("");
        sayPython();
        processes.say("");
        boolean good = same && refused;
        processes.say(good ? "Every value arrived as it was sent." : "SOMETHING DIFFERS.");
        return good;
    }

    private static long now() {
        return LogTime.nanos(Instant.now());
    }

    private DemoProcesses.Running startServer(String port, String tlsPort) throws IOException {
        DemoProcesses.Running started =
                processes.startServer(2, "--port", port, "--tls-port", tlsPort);
        server = started;
        return started;
    }

    private static URI tls(DemoProcesses.Running server) {
        return URI.create(server.urls().getLast());
    }

    private void addUser() throws IOException {
        Files.createFile(
                passwordFile,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(passwordFile, password + "\n");
        UserAdministration.of(processes.directory().resolve("data")).add(USER, password);
    }

    private static long register(SpotCalls client) throws IOException, InterruptedException {
        return client.call(
                        "DataBufferService/RegisterSignalSchema",
                        RegisterSignalSchemaRequest.newBuilder()
                                .setHeader(SpotCalls.header())
                                .setSchema(
                                        SignalSchema.newBuilder()
                                                .setSchemaName(LogReadBack.SIGNAL)
                                                .addVars(
                                                        SignalSchema.Variable.newBuilder()
                                                                .setName(LogReadBack.VARIABLE)
                                                                .setType(
                                                                        SignalSchema.Variable.Type
                                                                                .TYPE_UINT16)))
                                .build(),
                        RegisterSignalSchemaResponse.parser())
                .getSchemaId();
    }

    /** Makes the calls; the server is killed while one in the middle is under way. */
    private void record(SpotCalls client, List<LogReplay.Step> steps)
            throws IOException, InterruptedException {
        for (int i = 0; i < steps.size(); i++) {
            if (i == steps.size() / 2) {
                recordAndKill(client, steps.get(i));
            } else {
                client.send(steps.get(i));
            }
        }
    }

    private void recordAndKill(SpotCalls client, LogReplay.Step step)
            throws IOException, InterruptedException {
        DemoProcesses.Running killed = Objects.requireNonNull(server);
        boolean answered;
        try {
            client.send(step, () -> killed.process().destroyForcibly());
            answered = true;
        } catch (IOException e) {
            answered = false; // Whether the log has the entries is asked below.
        }
        killed.process().waitFor();
        processes.say(
                "plug        pulled: server process %d was killed; the call under way was %s"
                        .formatted(killed.process().pid(), answered ? "answered" : "not answered"));
        DemoProcesses.Running again =
                startServer(port(killed.urls().getFirst()), port(killed.urls().getLast()));
        boolean there = isThere(log(client, again), step.query());
        processes.say(
                "server      started again as process %d; what that call recorded is %s"
                        .formatted(
                                again.process().pid(),
                                there
                                        ? "there"
                                        : answered ? "lost" : "not there, and is sent again"));
        if (!answered && !there) {
            client.send(step);
        }
    }

    private static String port(String url) {
        return url.substring(url.lastIndexOf(':') + 1);
    }

    /** The log with the token of the calls, which needs no second login. */
    private LogClient log(SpotCalls client, DemoProcesses.Running at) throws IOException {
        return new LogClient(tls(at), TlsTrust.ofFile(authority), client.token());
    }

    private static boolean isThere(LogClient log, String query) throws IOException {
        Optional<InputStream> found = log.download(query);
        if (found.isPresent()) {
            found.get().close();
        }
        return found.isPresent();
    }

    /** Downloads the whole log as BDDF, and writes the same as MCAP and CSV. */
    private Path download(LogClient log) throws IOException {
        Path bddf = file("log.bddf");
        InputStream body =
                log.download("")
                        .orElseThrow(() -> new IOException("the log of the server is empty"));
        try (body) {
            Files.copy(body, bddf);
        }
        try (FileChannel in = FileChannel.open(bddf);
                FileChannel out =
                        FileChannel.open(
                                file("log.mcap"),
                                StandardOpenOption.CREATE_NEW,
                                StandardOpenOption.WRITE)) {
            LogExport.mcap(in, out);
        }
        try (FileChannel in = FileChannel.open(bddf)) {
            LogExport.csv(in, file("csv"));
        }
        return bddf;
    }

    private Path file(String name) {
        return processes.directory().resolve(name);
    }

    /** Compares every value in every format with what was recorded. */
    private boolean compare(LogContent recorded, boolean spoil) throws IOException {
        if (spoil) {
            changeADigit(LogReadBack.signalFile(file("csv")));
        }
        processes.say("");
        boolean bddf = same(recorded, "BDDF", LogReadBack.bddf(file("log.bddf")));
        boolean mcap = same(recorded, "MCAP", LogReadBack.mcap(file("log.mcap")));
        boolean csv = same(recorded, "CSV", LogReadBack.csv(file("csv")));
        return bddf && mcap && csv;
    }

    private boolean same(LogContent recorded, String format, LogContent found) {
        String difference = recorded.difference(found);
        processes.say(
                DemoProcesses.row(
                        format, difference.isEmpty() ? found + ", all as sent" : difference));
        return difference.isEmpty();
    }

    private static void changeADigit(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int last = bytes.length - 1;
        while (!Character.isDigit(bytes[last])) {
            last--;
        }
        bytes[last] = (byte) ('0' + (bytes[last] - '0' + 1) % 10);
        Files.write(file, bytes);
    }

    private boolean damagedCopyIsRefused(Path bddf) throws IOException {
        Path copy = file("damaged.bddf");
        Files.copy(bddf, copy);
        DemoProcesses.flipBit(copy, Files.size(copy) / 2);
        try {
            LogReadBack.bddf(copy);
            return false;
        } catch (BddfException e) {
            return true;
        }
    }

    private void plot(LogContent content) {
        List<Integer> values =
                content.ticks().stream()
                        .limit(SAMPLES_PLOTTED)
                        .map(LogContent.Tick::value)
                        .toList();
        processes.say("  The first %d samples, from the CSV:".formatted(values.size()));
        LogPlot.of(values).forEach(processes::say);
    }

    /** Writes the program of the stock client, and says how it is used. */
    private void sayPython() throws IOException {
        Path program = file("spot.py");
        try (InputStream in = LogDemo.class.getResourceAsStream("spot.py")) {
            String text =
                    new String(
                            Objects.requireNonNull(in, "spot.py is part of the program")
                                    .readAllBytes(),
                            StandardCharsets.UTF_8);
            Files.writeString(
                    program,
                    text.replace("@PORT@", port(tls(Objects.requireNonNull(server)).toString()))
                            .replace("@AUTHORITY@", authority.toString())
                            .replace("@USER@", USER)
                            .replace("@PASSWORD_FILE@", passwordFile.toString()));
        }
        processes.say("The stock Python client (pip install bosdyn-client) does the same:");
        processes.say("  python3 %s record 'the arm is warm'".formatted(program));
        processes.say("  python3 %s query".formatted(program));
        processes.say("  python3 %s download from-python.bddf".formatted(program));
    }

    /** Goes on serving until the server ends, which it does with this process. */
    void serve() throws InterruptedException {
        DemoProcesses.Running running = Objects.requireNonNull(server);
        processes.say("");
        processes.say(
                "Serving at %s and %s until Ctrl-C."
                        .formatted(running.urls().getFirst(), running.urls().getLast()));
        running.process().waitFor();
    }

    @Override
    public void close() {
        if (calls != null) {
            calls.close();
        }
    }
}
