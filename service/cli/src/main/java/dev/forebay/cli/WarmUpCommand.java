package dev.forebay.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Does, in one process, what users do most: buffers are written and read, or, for a record of the
 * short commands, created, shown and listed. The launcher runs it once for each after a build, with
 * the JDK recording what was loaded and linked; later starts take that from the record instead of
 * doing it again. They take up all of a record, so that of the short commands has nothing else.
 */
@Command(name = "warm-up", hidden = true, description = "Rehearse for the AOT cache.")
final class WarmUpCommand implements Callable<Integer> {
    private static final int ROUNDS = 3;

    @Mixin private Session session;

    @Option(names = "--short", description = "Rehearse the short commands alone.")
    private boolean onlyShort;

    @Spec private CommandSpec spec;

    /** Runs commands against one server. */
    record Commands(String server) {
        int run(Shell shell, String... command) {
            String[] args = Arrays.copyOf(command, command.length + 2);
            args[command.length] = "--server";
            args[command.length + 1] = server;
            return Forebay.run(shell, args);
        }
    }

    @Override
    public Integer call() throws IOException {
        Commands commands = new Commands(session.uri().toString());
        return onlyShort ? shortOnes(commands) : others(commands);
    }

    /** Transfers, and the description of all of the program. */
    private int others(Commands commands) throws IOException {
        Path folder = Files.createTempDirectory("forebay-warm-up");
        try {
            int code =
                    new TransferRehearsal(session.client(), commands, Shell.of(spec), folder).run();
            return code == 0 ? Forebay.run(Shell.of(spec), "buffer", "--help") : code;
        } finally {
            removeTree(folder);
        }
    }

    /** The code of the first command that failed, which has said why, or 0. */
    private int shortOnes(Commands commands) throws IOException {
        String id = session.client().create(Map.of()).id();
        String[][] round = {
            {"buffer", "create", "--tag", "for=warm-up"},
            {"buffer", "access", id},
            {"buffer", "show", id},
            {"buffer", "list"}
        };
        String[] last = {"buffer", "list", "--format", "table"};
        return Stream.concat(
                        Stream.generate(() -> round).limit(ROUNDS).flatMap(Arrays::stream),
                        Stream.<String[]>of(last))
                .mapToInt(command -> commands.run(Shell.of(spec), command))
                .filter(code -> code != 0)
                .findFirst()
                .orElseGet(() -> Forebay.run(Shell.of(spec), "--help"));
    }

    private static void removeTree(Path directory) throws IOException {
        try (Stream<Path> walk = Files.walk(directory)) {
            for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
