package dev.forebay.bench.peers;

import dev.forebay.bench.Run;
import dev.forebay.bench.Scale;
import dev.forebay.bench.Settings;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Forebay, the floors and the peers in turns, in one process; prints tables in Markdown: {@code
 * [--scale=full|quick] [--directory=FOLDER] [records] [ages] [journal]}.
 *
 * <p>At scale {@code quick} each is measured for a second in three rounds, otherwise for four
 * seconds in five.
 */
public final class PeersBench {
    private PeersBench() {}

    public static void main(String[] arguments) throws Exception {
        Settings settings = Settings.parse(arguments, Set.of("scale", "directory"));
        boolean quick = settings.scale(Scale.FULL) != Scale.FULL;
        List<String> tables =
                settings.words().isEmpty()
                        ? List.of("records", "ages", "journal")
                        : settings.words();
        Path root =
                Files.createTempDirectory(
                        Files.createDirectories(settings.directory()), "forebay-peers-");
        int rounds = quick ? 3 : 5;
        PrintStream out = System.out;
        machine(out, root);
        BufferTables buffers = new BufferTables(quick);
        for (String table : tables) {
            switch (table) {
                case "records" -> buffers.rates(rounds, out);
                case "ages" -> buffers.ages(out);
                case "journal" -> {
                    for (LogTable one : new LogTables(quick).all()) {
                        one.run(root, rounds, out);
                    }
                }
                default ->
                        throw new IllegalArgumentException(
                                "expected records, ages or journal, found '%s'".formatted(table));
            }
        }
        machine(out, root);
        Run.delete(root);
        // Some peers leave threads that are not daemons.
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
