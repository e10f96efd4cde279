package dev.forebay.cli;

import dev.forebay.client.ControlClient;
import dev.forebay.wire.PlainJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

    @Mixin private Session session;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        String url = session.uri().toString();
        Path directory = Files.createTempDirectory("forebay-warm-up");
        try {
            Path input = Files.write(directory.resolve("input"), new byte[1 << 20]);
            for (int i = 0; i < ROUNDS; i++) {
                run("buffer", "create", "--tag", "for=warm-up", "--server", url);
                String id = create();
                String output = directory.resolve(id).toString();
                run("buffer", "access", id, "--server", url);
                run("buffer", "show", id, "--server", url);
                run("buffer", "write", id, "-i", input.toString(), "--server", url);
                run("buffer", "read", id, "-o", output, "--server", url);
                run("buffer", "list", "--server", url);
            }
            return run("buffer", "list", "--format", "table", "--server", url);
        } finally {
            removeTree(directory);
        }
    }

    private int run(String... args) {
        return Forebay.run(Shell.of(spec), args);
    }

    private String create() throws IOException {
        ControlClient client = session.client();
        byte[] made = client.call("POST", "/buffers", Map.of("tags", Map.of()), Map.of());
        return String.valueOf(PlainJson.readObject(made).get("id"));
    }

    private static void removeTree(Path directory) throws IOException {
        try (Stream<Path> walk = Files.walk(directory)) {
            for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
