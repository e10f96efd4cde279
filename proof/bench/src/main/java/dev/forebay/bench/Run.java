package dev.forebay.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * One run of rows: its scale, a folder of its own that {@code close} removes, and where figures go.
 * Not safe for use by several threads.
 */
public final class Run implements AutoCloseable {
    private final Scale scale;
    private final Path root;
    private final Path forebay;
    private final Consumer<Figure> figures;
    private int names;

    Run(Scale scale, Path directory, Path forebay, Consumer<Figure> figures) throws IOException {
        this.scale = scale;
        this.forebay = forebay;
        this.figures = figures;
        root = Files.createTempDirectory(Files.createDirectories(directory), "forebay-bench-");
    }

    public Scale scale() {
        return scale;
    }

    /** The {@code forebay} script of the build that is measured. */
    public Path forebay() {
        return forebay;
    }

    /** A name on the measured disk that is free. */
    public Path fresh(String name) {
        return root.resolve(name + "-" + names++);
    }

    /** Reports a figure and returns it. */
    public Figure report(Figure figure) {
        figures.accept(figure);
        return figure;
    }

    /** Says something about the run that is no figure, to standard error. */
    public void note(String text) {
        System.err.println(text);
    }

    /** Deletes a file, or a folder with all that is in it. */
    public static void delete(Path path) throws IOException {
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(path)) {
            paths = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path one : paths) {
            Files.delete(one);
        }
    }

    @Override
    public void close() throws IOException {
        delete(root);
    }
}
