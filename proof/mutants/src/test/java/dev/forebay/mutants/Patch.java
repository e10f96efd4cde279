package dev.forebay.mutants;

import java.util.ArrayList;
import java.util.List;

/**
 * An edit of one source file, in the form of a unified diff.
 *
 * <p><b>Guarantee</b>: each hunk is applied at the one place where its context and removed lines
 * stand, or {@link #apply} fails. Line numbers and indentation are ignored, so a patch survives
 * edits elsewhere in the file.
 *
 * @param path the file, from the root of the repository
 */
record Patch(String path, List<Hunk> hunks) {
    /** One line of a hunk; {@code mark} is a space, {@code -} or {@code +}. */
    private record Line(char mark, String text) {}

    /** Lines that belong together. */
    record Hunk(List<Line> lines) {
        private List<String> before() {
            return lines.stream().filter(l -> l.mark != '+').map(l -> l.text.strip()).toList();
        }
    }

    /** Reads the patches of a diff: for each file a {@code ---} line, then its hunks. */
    static List<Patch> parse(List<String> diff) {
        List<Patch> patches = new ArrayList<>();
        List<Line> hunk = new ArrayList<>();
        for (String line : diff) {
            if (line.startsWith("--- ")) {
                patches.add(new Patch(pathIn(line), new ArrayList<>()));
            } else if (line.startsWith("@@")) {
                hunk = new ArrayList<>();
                patches.getLast().hunks.add(new Hunk(hunk));
            } else if (!isNoise(line)) {
                char mark = line.isEmpty() ? ' ' : line.charAt(0);
                if (" -+".indexOf(mark) < 0 || patches.getLast().hunks.isEmpty()) {
                    throw new IllegalArgumentException(
                            "expected '@@', or a line that begins with ' ', '-' or '+', found: %s"
                                    .formatted(line));
                }
                hunk.add(new Line(mark, line.isEmpty() ? "" : line.substring(1)));
            }
        }
        patches.forEach(Patch::checkChanges);
        return List.copyOf(patches);
    }

    private static String pathIn(String line) {
        String path = line.substring("--- ".length()).strip();
        return path.startsWith("a/") ? path.substring(2) : path;
    }

    /** Lines that {@code git diff} prints and a patch does not need. */
    private static boolean isNoise(String line) {
        return line.startsWith("+++ ") || line.startsWith("diff ") || line.startsWith("index ");
    }

    private void checkChanges() {
        for (Hunk hunk : hunks) {
            while (!hunk.lines.isEmpty() && hunk.lines.getLast().equals(new Line(' ', ""))) {
                hunk.lines.removeLast();
            }
        }
        if (hunks.isEmpty()
                || hunks.stream().anyMatch(h -> h.lines.stream().allMatch(l -> l.mark == ' '))) {
            throw new IllegalArgumentException("expected hunks that each change a line of " + path);
        }
    }

    /** Returns {@code source} with all hunks applied. */
    String apply(String source) {
        List<String> lines = new ArrayList<>(source.lines().toList());
        for (Hunk hunk : hunks) {
            int at = placeOf(hunk, lines);
            for (Line line : hunk.lines) {
                switch (line.mark) {
                    case '-' -> lines.remove(at);
                    case '+' -> lines.add(at++, line.text);
                    default -> at++;
                }
            }
        }
        return String.join("\n", lines) + "\n";
    }

    private int placeOf(Hunk hunk, List<String> lines) {
        List<String> wanted = hunk.before();
        List<String> stripped = lines.stream().map(String::strip).toList();
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i + wanted.size() <= stripped.size(); i++) {
            if (stripped.subList(i, i + wanted.size()).equals(wanted)) {
                places.add(i);
            }
        }
        if (places.size() != 1) {
            throw new IllegalArgumentException(
                    """
                    the patch does not apply: expected these lines once in %s, found them %d times; \
                    adapt the patch to the code
                    %s\
                    """
                            .formatted(path, places.size(), String.join("\n", wanted)));
        }
        return places.getFirst();
    }
}
