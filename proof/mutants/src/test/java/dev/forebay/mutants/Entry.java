package dev.forebay.mutants;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A promise with the mutant that breaks it, read from one file {@code <module>/<name>.mutant}.
 *
 * @param module the module that makes the promise: the last folder of its path
 * @param name the file's name without its ending
 * @param promise what users rely on, one sentence
 * @param mutation what the patches do, in words; for an entry without patches, why it has none
 * @param test the test that must fail
 * @param also further tests of the promise
 * @param limit what the promise does not cover; may be empty
 * @param patches the mutant; empty if no patch can break this promise inside the process of a test
 */
record Entry(
        String module,
        String name,
        String promise,
        String mutation,
        TestName test,
        List<TestName> also,
        String limit,
        List<Patch> patches) {
    static final String ENDING = ".mutant";
    private static final Set<String> KEYS =
            Set.of("promise", "mutant", "no-mutant", "test", "also", "limit");

    /** A test method, or a whole test class if {@code method} is empty. */
    record TestName(String module, String type, String method) {
        static TestName parse(String text, String module) {
            int slash = text.indexOf('/');
            String[] name = text.substring(slash + 1).strip().split("#", 2);
            return new TestName(
                    slash < 0 ? module : text.substring(0, slash).strip(),
                    name[0],
                    name.length == 2 ? name[1] : "");
        }

        @Override
        public String toString() {
            return method.isEmpty() ? type : type + "." + method;
        }
    }

    boolean isMutant() {
        return !patches.isEmpty();
    }

    /** How the entry is named to a user, and selected by one. */
    String id() {
        return module + "/" + name;
    }

    static Entry read(Path file) throws IOException {
        try {
            return parse(file, Files.readAllLines(file));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    static Entry parse(Path file, List<String> lines) {
        int diff = 0;
        while (diff < lines.size() && !lines.get(diff).startsWith("--- ")) {
            diff++;
        }
        Map<String, String> fields = fields(lines.subList(0, diff));
        List<Patch> patches = Patch.parse(lines.subList(diff, lines.size()));
        String module = String.valueOf(file.getName(file.getNameCount() - 2));
        TestName test = TestName.parse(required(fields, "test"), module);
        if (!patches.isEmpty() && test.method.isEmpty()) {
            throw new IllegalArgumentException(
                    "expected 'test: Class#method' for a mutant, found the class alone");
        }
        return new Entry(
                module,
                String.valueOf(file.getFileName()).replace(ENDING, ""),
                required(fields, "promise"),
                required(fields, patches.isEmpty() ? "no-mutant" : "mutant"),
                test,
                Optional.ofNullable(fields.get("also")).stream()
                        .flatMap(also -> Arrays.stream(also.split(",")))
                        .map(also -> TestName.parse(also.strip(), module))
                        .toList(),
                fields.getOrDefault("limit", ""),
                patches);
    }

    private static String required(Map<String, String> fields, String key) {
        String value = fields.get(key);
        if (value == null || value.isEmpty()) {
            throw new IllegalArgumentException("expected a line '%s: ...'".formatted(key));
        }
        return value;
    }

    /** Lines {@code key: value}; an indented line continues the one before it. */
    private static Map<String, String> fields(List<String> lines) {
        Map<String, String> fields = new LinkedHashMap<>();
        String key = "";
        for (String line : lines) {
            if (line.isBlank()) {
                continue;
            }
            if (line.startsWith(" ") && !key.isEmpty()) {
                fields.merge(key, line.strip(), (a, b) -> a + " " + b);
                continue;
            }
            int colon = line.indexOf(':');
            key = colon < 0 ? line : line.substring(0, colon);
            if (!KEYS.contains(key) || fields.containsKey(key)) {
                throw new IllegalArgumentException(
                        "expected each of %s at most once, as 'key: value', found: %s"
                                .formatted(KEYS, line));
            }
            fields.put(key, line.substring(colon + 1).strip());
        }
        return fields;
    }
}
