package dev.forebay.bench.datalog;

import dev.forebay.bench.Figure;
import dev.forebay.bench.Run;
import dev.forebay.bench.Unit;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * Python programs of others that read and write the same files, each in a process of its own. It
 * measures itself, without its start. A peer that is not installed is left out, and the run says
 * how to install it.
 */
final class Peers {
    private final Run run;
    private final Path program;

    Peers(Run run) throws IOException {
        this.run = run;
        program = run.fresh("peers");
        try (InputStream in =
                Objects.requireNonNull(Peers.class.getResourceAsStream("peers.py"), "peers.py")) {
            Files.copy(in, program);
        }
    }

    /**
     * Whether Python can import {@code module}, which {@code pip install} knows as {@code name}.
     */
    boolean has(String module, String name) throws IOException, InterruptedException {
        boolean there;
        try {
            Process process =
                    new ProcessBuilder("python3", "-c", "import " + module)
                            .redirectErrorStream(true)
                            .start();
            process.getInputStream().readAllBytes();
            there = process.waitFor() == 0;
        } catch (IOException e) {
            there = false; // There is no Python.
        }
        if (!there) {
            run.note(
                    "without its peer: Python cannot import %s; 'python3 -m pip install %s' installs it"
                            .formatted(module, name));
        }
        return there;
    }

    /** How many records a second {@code command} reads or writes. */
    Figure measure(String what, String command, Path file, int count, int bytes)
            throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(
                                List.of(
                                        "python3",
                                        program.toString(),
                                        command,
                                        file.toString(),
                                        Integer.toString(count),
                                        Integer.toString(bytes)))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("the peer '%s' ended with an error".formatted(command));
        }
        String[] seconds = out.strip().split(" ", -1);
        run.note(
                String.format(
                        Locale.ROOT,
                        "%s: %d records in %.2f s, %.2f s of a processor",
                        what,
                        count,
                        Double.parseDouble(seconds[0]),
                        Double.parseDouble(seconds[1])));
        return Figure.yardstick(
                what, "–", count / Double.parseDouble(seconds[0]), Unit.RECORDS_PER_SECOND);
    }

    /** {@code figure} with its peer before it, if there is one. */
    void report(Figure figure, Optional<Figure> peer, double goalRatio) {
        if (peer.isEmpty()) {
            run.report(figure);
            return;
        }
        run.report(peer.get());
        run.report(figure.beside(peer.get()).goal(goalRatio * peer.get().value()));
    }
}
