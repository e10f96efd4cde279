package dev.forebay.cli;

import dev.forebay.base.ByteSize;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The demonstration of buffers: a server, a writer and a follower, each a process of its own. */
final class Demo {
    /** 360 samples a second of two bytes. */
    private static final int BYTES_PER_SECOND = 720;

    private static final int SECONDS_AT_ACQUISITION_SPEED = 10;
    private static final int TICKS_PER_SECOND = 10;

    private final DemoProcesses processes;
    private final Path recording;
    private @Nullable Process server;
    private String serverUrl = "";

    /** The processes are closed by the caller. */
    Demo(DemoProcesses processes, Path recording) {
        this.processes = processes;
        this.recording = recording;
    }

    /** False if anything differs. */
    boolean run(boolean pullPlug, boolean spoil) throws IOException, InterruptedException {
        processes.say(
                "recording   "
                        + recording.getFileName()
                        + ", "
                        + ByteSize.of(Files.size(recording)));
        startServer("0");
        processes.say(
                "server      "
                        + serverUrl
                        + ", process "
                        + pid(server)
                        + ", data in "
                        + processes.directory().resolve("data"));
        String id = processes.output(serverUrl, "buffer", "create", "--tag", "demo=recording");
        String url = processes.output(serverUrl, "buffer", "access", id, "--write");
        Path followed = processes.directory().resolve("followed");
        long begin = System.nanoTime();
        Process follower =
                processes.start(serverUrl, "buffer", "read", id, "-o", followed.toString());
        Process writer =
                processes.start(serverUrl, "buffer", "write", url, "--flush-interval", "100ms");
        processes.say("writer      process " + writer.pid() + ", through an access URL");
        processes.say(
                "follower    process "
                        + follower.pid()
                        + ", started before there was anything to read");
        long fullSpeedFrom = feed(writer, pullPlug);
        processes.expectDone(writer, "the writer");
        processes.expectDone(follower, "the follower");
        long end = System.nanoTime();
        if (spoil) {
            DemoProcesses.flipBit(followed, 0);
        }
        String sent = sha256(recording);
        String got = sha256(followed);
        boolean refused = damagedCopyIsRefused();
        processes.say("");
        processes.say(
                DemoProcesses.row(
                        "sent",
                        Files.size(recording)
                                + " bytes, the first "
                                + SECONDS_AT_ACQUISITION_SPEED
                                + " s as they beat"));
        processes.say(DemoProcesses.row("SHA-256 of the source", sent));
        processes.say(DemoProcesses.row("SHA-256 at the follower", got));
        processes.say(
                DemoProcesses.row(
                        "rest at full speed",
                        String.format(
                                Locale.ROOT,
                                "%.0f ms to durable and read",
                                (end - fullSpeedFrom) / 1e6)));
        processes.say(
                DemoProcesses.row(
                        "all in all", String.format(Locale.ROOT, "%.1f s", (end - begin) / 1e9)));
        processes.say(
                DemoProcesses.row(
                        "copy with one flipped bit", refused ? "refused" : "NOT REFUSED"));
        boolean good = sent.equals(got) && refused;
        processes.say("");
        processes.say(good ? "Every byte arrived as it was sent." : "SOMETHING DIFFERS.");
        return good;
    }

    private static long pid(@Nullable Process process) {
        return process == null ? 0 : process.pid();
    }

    private void startServer(String port) throws IOException {
        DemoProcesses.Running running = processes.startServer(1, "--port", port);
        server = running.process();
        serverUrl = running.urls().getFirst();
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
        processes.say("plug        pulled: server process " + killed.pid() + " was killed");
        startServer(serverUrl.substring(serverUrl.lastIndexOf(':') + 1));
        processes.say("server      started again as process " + pid(server));
    }

    /** Writes a second copy, flips a bit of it where it is stored, and tries to read it. */
    private boolean damagedCopyIsRefused() throws IOException, InterruptedException {
        String id = processes.output(serverUrl, "buffer", "create", "--tag", "demo=damaged");
        processes.expectDone(
                processes.start(serverUrl, "buffer", "write", id, "-i", recording.toString()),
                "the second writer");
        DemoProcesses.flipBit(
                processes
                        .directory()
                        .resolve("data")
                        .resolve("containers")
                        .resolve(id)
                        .resolve("00")
                        .resolve("000="),
                0);
        Path copy = processes.directory().resolve("damaged");
        Process reader = processes.start(serverUrl, "buffer", "read", id, "-o", copy.toString());
        return reader.waitFor() == Forebay.DAMAGED && Files.size(copy) == 0;
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

    /** Goes on serving until the server ends, which it does with this process. */
    void serve() throws InterruptedException {
        processes.say("");
        processes.say("Serving at " + serverUrl + " until Ctrl-C. Try, in another terminal:");
        processes.say("  ./forebay buffer list --format table --server " + serverUrl);
        if (server != null) {
            server.waitFor();
        }
    }
}
