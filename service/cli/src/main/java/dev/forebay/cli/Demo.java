package dev.forebay.cli;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.ByteSize;
import dev.forebay.base.Reason;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The demonstration: a server, a writer and a follower, each a process of its own. Everything it
 * starts is ended and everything it writes is removed when it is closed.
 */
final class Demo implements AutoCloseable {
    /** 360 samples a second of two bytes. */
    private static final int BYTES_PER_SECOND = 720;

    private static final int SECONDS_AT_ACQUISITION_SPEED = 10;
    private static final int TICKS_PER_SECOND = 10;

    /** The file that takes what the processes say on standard error. */
    private static final String MESSAGES = "messages";

    private final Path launcher;
    private final Path recording;
    private final PrintWriter out;
    private final Path directory;
    private final List<Process> started = new CopyOnWriteArrayList<>();

    @GuardedBy("this")
    private boolean closed;

    private @Nullable Process server;
    private String serverUrl = "";

    Demo(Path launcher, Path recording, PrintWriter out) throws IOException {
        this.launcher = launcher;
        this.recording = recording;
        this.out = out;
        this.directory = Files.createTempDirectory("forebay-demo");
        // Ctrl-C ends the process through its hooks, and this is where the demo tidies up.
        Runtime.getRuntime().addShutdownHook(new Thread(this::close, "forebay-demo-end"));
    }

    private void say(String line) {
        out.println(line);
        out.flush();
    }

    /** False if anything differs. */
    boolean run(boolean pullPlug, boolean spoil) throws IOException, InterruptedException {
        say("recording   " + recording.getFileName() + ", " + ByteSize.of(Files.size(recording)));
        startServer("0");
        say(
                "server      "
                        + serverUrl
                        + ", process "
                        + pid(server)
                        + ", data in "
                        + directory.resolve("data"));
        String id = output("buffer", "create", "--tag", "demo=recording");
        String url = output("buffer", "access", id, "--write");
        Path followed = directory.resolve("followed");
        long begin = System.nanoTime();
        Process follower = start("buffer", "read", id, "-o", followed.toString());
        Process writer = start("buffer", "write", url, "--flush-interval", "100ms");
        say("writer      process " + writer.pid() + ", through an access URL");
        say(
                "follower    process "
                        + follower.pid()
                        + ", started before there was anything to read");
        long fullSpeedFrom = feed(writer, pullPlug);
        expectDone(writer, "the writer");
        expectDone(follower, "the follower");
        long end = System.nanoTime();
        if (spoil) {
            flipBit(followed, 0);
        }
        String sent = sha256(recording);
        String got = sha256(followed);
        boolean refused = damagedCopyIsRefused();
        say("");
        say(
                row(
                        "sent",
                        Files.size(recording)
                                + " bytes, the first "
                                + SECONDS_AT_ACQUISITION_SPEED
                                + " s as they beat"));
        say(row("SHA-256 of the source", sent));
        say(row("SHA-256 at the follower", got));
        say(
                row(
                        "rest at full speed",
                        String.format(
                                Locale.ROOT,
                                "%.0f ms to durable and read",
                                (end - fullSpeedFrom) / 1e6)));
        say(row("all in all", String.format(Locale.ROOT, "%.1f s", (end - begin) / 1e9)));
        say(row("copy with one flipped bit", refused ? "refused" : "NOT REFUSED"));
        boolean good = sent.equals(got) && refused;
        say("");
        say(good ? "Every byte arrived as it was sent." : "SOMETHING DIFFERS.");
        return good;
    }

    private static String row(String what, String figure) {
        return String.format(Locale.ROOT, "  %-27s %s", what, figure);
    }

    private static long pid(@Nullable Process process) {
        return process == null ? 0 : process.pid();
    }

    private void startServer(String port) throws IOException {
        Process process =
                start("serve", "--data", directory.resolve("data").toString(), "--port", port);
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        String line = lines.readLine();
        if (line == null || !line.startsWith("listening on ")) {
            throw new IOException("the server did not start: " + messages());
        }
        server = process;
        serverUrl = line.substring("listening on ".length());
    }

    /**
     * Gives the writer the recording, as it was acquired for a while, then the rest; when the rest
     * began.
     */
    private long feed(Process writer, boolean pullPlug) throws IOException, InterruptedException {
        byte[] all = Files.readAllBytes(recording);
        try (OutputStream to = writer.getOutputStream()) {
            int piece = BYTES_PER_SECOND / TICKS_PER_SECOND;
            int ticks = SECONDS_AT_ACQUISITION_SPEED * TICKS_PER_SECOND;
            int at = 0;
            for (int tick = 0; tick < ticks && at < all.length; tick++) {
                int length = Math.min(piece, all.length - at);
                to.write(all, at, length);
                to.flush();
                at += length;
                if (pullPlug && tick == ticks / 2) {
                    pullPlug();
                }
                TimeUnit.MILLISECONDS.sleep(1000 / TICKS_PER_SECOND);
            }
            long rest = System.nanoTime();
            to.write(all, at, all.length - at);
            return rest;
        }
    }

    private void pullPlug() throws IOException, InterruptedException {
        Process killed = server;
        if (killed == null) {
            throw new IOException("there is no server to kill");
        }
        killed.destroyForcibly().waitFor();
        say("plug        pulled: server process " + killed.pid() + " was killed");
        startServer(serverUrl.substring(serverUrl.lastIndexOf(':') + 1));
        say("server      started again as process " + pid(server));
    }

    /** Writes a second copy, flips a bit of it where it is stored, and tries to read it. */
    private boolean damagedCopyIsRefused() throws IOException, InterruptedException {
        String id = output("buffer", "create", "--tag", "demo=damaged");
        expectDone(start("buffer", "write", id, "-i", recording.toString()), "the second writer");
        flipBit(
                directory
                        .resolve("data")
                        .resolve("containers")
                        .resolve(id)
                        .resolve("00")
                        .resolve("000="),
                0);
        Path copy = directory.resolve("damaged");
        Process reader = start("buffer", "read", id, "-o", copy.toString());
        return reader.waitFor() == Forebay.DAMAGED && Files.size(copy) == 0;
    }

    private static void flipBit(Path file, long position) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, position);
            one.put(0, (byte) (one.get(0) ^ 1)).rewind();
            channel.write(one, position);
        }
    }

    private static String sha256(Path file) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
                in.transferTo(OutputStream.nullOutputStream());
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    private List<String> command(String... args) {
        List<String> command = new ArrayList<>();
        command.add(launcher.toString());
        command.addAll(List.of(args));
        return command;
    }

    private Process start(String... args) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command(args));
        builder.redirectError(
                ProcessBuilder.Redirect.appendTo(directory.resolve(MESSAGES).toFile()));
        ChildEnvironment.restore(builder.environment());
        builder.environment().put("FOREBAY_SERVER", serverUrl);
        synchronized (this) {
            if (closed) {
                throw new IOException("the demo is ending");
            }
            Process process = builder.start();
            started.add(process);
            return process;
        }
    }

    private String output(String... args) throws IOException, InterruptedException {
        Process process = start(args);
        String text =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        expectDone(process, "'forebay " + String.join(" ", args) + "'");
        return text;
    }

    /** Waits for its end; the messages of all processes are in the failure if it failed. */
    private void expectDone(Process process, String what) throws IOException, InterruptedException {
        int code = process.waitFor();
        if (code != 0) {
            throw new IOException(
                    "%s ended with exit code %d and not with 0: %s"
                            .formatted(what, code, messages()));
        }
    }

    private String messages() throws IOException {
        Path file = directory.resolve(MESSAGES);
        return Files.exists(file) ? Files.readString(file).strip() : "it said nothing";
    }

    /** Goes on serving until the server ends, which it does with this process. */
    void serve() throws InterruptedException {
        say("");
        say("Serving at " + serverUrl + " until Ctrl-C. Try, in another terminal:");
        say("  ./forebay buffer list --format table --server " + serverUrl);
        if (server != null) {
            server.waitFor();
        }
    }

    /** Also called while the process ends, when another thread may still be at work. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            started.forEach(Process::destroy);
        }
        started.forEach(process -> process.onExit().join());
        try (Stream<Path> walk = Files.exists(directory) ? Files.walk(directory) : Stream.empty()) {
            for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException e) {
            out.println(
                    "the demo's folder %s is left: %s; remove it"
                            .formatted(directory, Reason.of(e)));
        }
    }
}
