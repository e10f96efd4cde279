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
import picocli.CommandLine.Spec;

/**
 * Does, in one process, what users do most: buffers are created, written, read and listed. The
 * launcher runs it once after a build, with the JDK recording what was loaded and linked; later
 * starts take that from the record instead of doing it again.
 */
@Command(name = "warm-up", hidden = true, description = "Rehearse for the AOT cache.")
final class WarmUpCommand implements Callable<Integer> {
    private static final int ROUNDS = 3;

    /** Bytes of a transfer of many blocks, and of each. */
    private static final int MANY = 8 << 20;

    private static final int SMALL = 16 << 10;

    @Mixin private Session session;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        String url = session.uri().toString();
        Path directory = Files.createTempDirectory("forebay-warm-up");
        try {
            Path input = Files.write(directory.resolve("input"), new byte[1 << 20]);
            int code = run(url, "buffer", "create", "--tag", "for=warm-up");
            for (int i = 0; i < ROUNDS && code == 0; i++) {
                code = round(url, input, directory);
            }
            code = code == 0 ? manyBlocks(url, directory) : code;
            return code == 0 ? run(url, "buffer", "list", "--format", "table") : code;
        } finally {
            removeTree(directory);
        }
    }

    /**
     * Many blocks in a row, so that the record holds how the code between them behaves: the
     * compiler takes a trained method up once, instead of first with counters. They are few and
     * small enough to be digested by the JDK: the lanes are of a module that is loaded late, and
     * with its classes in the record the JDK makes no cache.
     */
    private int manyBlocks(String url, Path directory) throws IOException {
        Path input = Files.write(directory.resolve("many"), new byte[MANY]);
        String id = create();
        String size = Integer.toString(SMALL);
        int code = run(url, "buffer", "write", id, "-i", input.toString(), "-b", size);
        return code == 0
                ? run(url, "buffer", "read", id, "-o", directory.resolve(id).toString())
                : code;
    }

    /** The code of the first command that failed, which has said why, or 0. */
    private int round(String url, Path input, Path directory) throws IOException {
        String id = create();
        String output = directory.resolve(id).toString();
        return Stream.<String[]>of(
                        new String[] {"buffer", "access", id},
                        new String[] {"buffer", "show", id},
                        new String[] {"buffer", "write", id, "-i", input.toString()},
                        new String[] {"buffer", "read", id, "-o", output},
                        new String[] {"buffer", "list"},
                        new String[] {"buffer", "create", "--tag", "for=warm-up"})
                .mapToInt(command -> run(url, command))
                .filter(code -> code != 0)
                .findFirst()
                .orElse(0);
    }

    private int run(String url, String... command) {
        String[] args = Arrays.copyOf(command, command.length + 2);
        args[command.length] = "--server";
        args[command.length + 1] = url;
        return Forebay.run(Shell.of(spec), args);
    }

    private String create() throws IOException {
        return session.client().create(Map.of()).id();
    }

    private static void removeTree(Path directory) throws IOException {
        try (Stream<Path> walk = Files.walk(directory)) {
            for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
