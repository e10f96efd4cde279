package dev.forebay.bench.peers;

import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Ours, the floors and the peers, in one process and in turns; prints tables in Markdown: {@code
 * PeersBench [--quick] [journal] [records] [ages] [DIRECTORY]}.
 *
 * <p>{@code --quick} measures each for a second in three rounds instead of four in five.
 */
public final class PeersBench {
    private PeersBench() {}

    public static void main(String[] arguments) throws Exception {
        List<String> words = new ArrayList<>(Arrays.asList(arguments));
        boolean quick = words.remove("--quick");
        boolean journal = words.remove("journal");
        boolean records = words.remove("records");
        boolean ages = words.remove("ages");
        boolean all = !journal && !records && !ages;
        Path root =
                words.isEmpty()
                        ? Files.createTempDirectory("forebay-peers-")
                        : Files.createDirectories(Path.of(words.getFirst()));
        int rounds = quick ? 3 : 5;
        PrintStream out = System.out;
        machine(out, root);
        BufferTables buffers = new BufferTables(quick);
        if (records || all) {
            buffers.rates(rounds, out);
        }
        if (ages || all) {
            buffers.ages(out);
        }
        if (journal || all) {
            for (LogTable table : new LogTables(quick).all()) {
                table.run(root, rounds, out);
            }
        }
        machine(out, root);
        if (words.isEmpty()) {
            Files.delete(root);
        }
        // Some peers leave threads behind that are no daemons.
        System.exit(0);
    }

    private static void machine(PrintStream out, Path root) throws Exception {
        var system = ManagementFactory.getOperatingSystemMXBean();
        out.printf(
                Locale.ROOT,
                "%nJDK %s, %d cores, %s, load average %.2f%n",
                Runtime.version(),
                system.getAvailableProcessors(),
                Files.getFileStore(root).type(),
                system.getSystemLoadAverage());
        out.flush();
    }
}
