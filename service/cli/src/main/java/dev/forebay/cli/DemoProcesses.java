package dev.forebay.cli;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.ByteSize;
import dev.forebay.base.Reason;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * What every demonstration has: processes of this program, a folder, and lines for the user.
 *
 * <p><b>Guarantee.</b> Closing it, or the end of this process, ends the processes and removes the
 * folder. Safe for use by several threads.
 */
final class DemoProcesses implements AutoCloseable {
    /** The file that takes what the processes say on standard error. */
    private static final String MESSAGES = "messages";

    private static final String LISTENING = "listening on ";

    private final Path launcher;
    private final PrintWriter out;
    private final Path directory;
    private final List<Process> started = new CopyOnWriteArrayList<>();

    @GuardedBy("this")
    private boolean closed;

    /** One thread removes the folder at a time; the next one finds it gone. */
    private final ReentrantLock removal = new ReentrantLock();

    DemoProcesses(Path launcher, PrintWriter out) throws IOException {
        this.launcher = launcher;
        this.out = out;
        this.directory = Files.createTempDirectory("forebay-demo");
        // Ctrl-C ends the process through its hooks, and this is where the demo tidies up.
        Runtime.getRuntime().addShutdownHook(new Thread(this::close, "forebay-demo-end"));
    }

    /** The program that runs a command: {@code ./forebay} unless the launcher said otherwise. */
    static Path launcher() {
        return Path.of(System.getProperty("forebay.launcher", "./forebay")).toAbsolutePath();
    }

    /** The recording that comes with the program. */
    static Path recording(Path launcher) {
        return Path.of(String.valueOf(launcher.getParent()))
                .resolve("recordings")
                .resolve("ecg-208.u16");
    }

    Path directory() {
        return directory;
    }

    void say(String line) {
        out.println(line);
        out.flush();
    }

    static String row(String what, String figure) {
        return String.format(Locale.ROOT, "  %-27s %s", what, figure);
    }

    /**
     * Starts a command.
     *
     * @param server of the commands that need one; may be empty
     */
    Process start(String server, String... args) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(launcher.toString());
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.redirectError(
                ProcessBuilder.Redirect.appendTo(directory.resolve(MESSAGES).toFile()));
        ChildEnvironment.restore(builder.environment());
        builder.environment().put("FOREBAY_SERVER", server);
        synchronized (this) {
            if (closed) {
                throw new IOException("the demo is ending");
            }
            Process process = builder.start();
            started.add(process);
            return process;
        }
    }

    /**
     * A server that runs.
     *
     * @param urls where it listens, in the order in which it says them
     */
    record Running(Process process, List<String> urls) {}

    /** Starts a server on {@code data}, and waits until it says where it listens. */
    Running startServer(int listeners, String... options) throws IOException {
        List<String> args =
                new ArrayList<>(List.of("serve", "--data", directory.resolve("data").toString()));
        args.addAll(List.of(options));
        Process process = start("", args.toArray(String[]::new));
        List<String> urls = new ArrayList<>();
        for (int i = 0; i < listeners; i++) {
            String line = process.inputReader(StandardCharsets.UTF_8).readLine();
            if (line == null || !line.startsWith(LISTENING)) {
                throw new IOException("the server did not start: " + messages());
            }
            urls.add(line.substring(LISTENING.length()));
        }
        return new Running(process, urls);
    }

    /** What a command prints; it must succeed. */
    String output(String server, String... args) throws IOException, InterruptedException {
        Process process = start(server, args);
        String text =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        expectDone(process, "'forebay " + String.join(" ", args) + "'");
        return text;
    }

    /** Waits for its end; the messages of all processes are in the failure if it failed. */
    void expectDone(Process process, String what) throws IOException, InterruptedException {
        int code = process.waitFor();
        if (code != 0) {
            throw new IOException(
                    "%s ended with exit code %d and not with 0: %s"
                            .formatted(what, code, messages()));
        }
    }

    private String messages() throws IOException {
        Path file = directory.resolve(MESSAGES);
        String said = Files.exists(file) ? Files.readString(file).strip() : "";
        return said.isEmpty()
                ? "it said nothing; the folder for its messages is '%s', on a disk with %s free (TMPDIR names another)"
                        .formatted(
                                directory,
                                ByteSize.of(Files.getFileStore(directory).getUsableSpace()))
                : said;
    }

    static void flipBit(Path file, long position) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, position);
            one.put(0, (byte) (one.get(0) ^ 1)).rewind();
            channel.write(one, position);
        }
    }

    /**
     * Also called while the process ends, when another thread may still be at work, or in here: a
     * Ctrl-C at a terminal ends the server too, for which that thread waits.
     */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            started.forEach(Process::destroy);
        }
        started.forEach(process -> process.onExit().join());
        removal.lock();
        try (Stream<Path> walk = Files.exists(directory) ? Files.walk(directory) : Stream.empty()) {
            for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException e) {
            out.println(
                    "the demo's folder %s is left: %s; remove it"
                            .formatted(directory, Reason.of(e)));
        } finally {
            removal.unlock();
        }
    }
}
