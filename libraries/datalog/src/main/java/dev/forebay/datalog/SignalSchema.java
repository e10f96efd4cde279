package dev.forebay.datalog;

import dev.forebay.bddf.Pod;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The variables of a signal. The bytes of a tick are their values in this order, little-endian,
 * without padding.
 *
 * @param name of the schema, 1 to 255 characters
 * @param variables 1 to 4096 of them, with different names; at most one is the time, in nanoseconds
 *     since 1970 UTC as an INT64 or UINT64
 */
public record SignalSchema(String name, List<Variable> variables) {
    private static final int MOST = 4096;
    private static final int LONGEST = 255;

    /**
     * One variable.
     *
     * @param name 1 to 255 characters
     * @param type what number it is
     * @param time whether it is the time of the sample
     */
    public record Variable(String name, Pod type, boolean time) {
        /** Checks the name. */
        public Variable {
            check(name, "a variable");
            if (time && type != Pod.INT64 && type != Pod.UINT64) {
                throw new IllegalArgumentException(
                        "variable '%s' is the time and has type %s; expected INT64, nanoseconds since 1970"
                                .formatted(name, type));
            }
        }
    }

    /** Copies the variables, and checks them. */
    public SignalSchema {
        variables = List.copyOf(variables);
        check(name, "a schema");
        if (variables.isEmpty() || variables.size() > MOST) {
            throw new IllegalArgumentException(
                    "schema '%s' has %d variables; expected 1 to %d"
                            .formatted(name, variables.size(), MOST));
        }
        Set<String> names = new HashSet<>();
        for (Variable variable : variables) {
            if (!names.add(variable.name)) {
                throw new IllegalArgumentException(
                        "schema '%s' has two variables '%s'".formatted(name, variable.name));
            }
        }
        if (variables.stream().filter(Variable::time).count() > 1) {
            throw new IllegalArgumentException(
                    "schema '%s' has several variables that are the time; expected one at most"
                            .formatted(name));
        }
    }

    private static void check(String name, String what) {
        if (name.isEmpty() || name.length() > LONGEST) {
            throw new IllegalArgumentException(
                    "the name of %s has %d characters; expected 1 to %d"
                            .formatted(what, name.length(), LONGEST));
        }
    }

    /** {@return bytes of one tick} */
    public int tickBytes() {
        return variables.stream().mapToInt(variable -> variable.type.bytes()).sum();
    }

    /**
     * The number that ticks name the schema by: the same for the same client and definition, also
     * after a restart, and never 0. It is the beginning of a SHA-256 without its sign.
     */
    long idFor(String client) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            put(sha, client);
            put(sha, definition());
            long id = ByteBuffer.wrap(sha.digest()).getLong() & Long.MAX_VALUE;
            return id == 0 ? 1 : id;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static void put(MessageDigest sha, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        sha.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
        sha.update(bytes);
    }

    /** The schema in one text: a line for its name, and a line for each variable. */
    String definition() {
        StringBuilder text = new StringBuilder(escaped(name));
        for (Variable variable : variables) {
            text.append('\n')
                    .append(variable.type.name().toLowerCase(Locale.ROOT))
                    .append(variable.time ? " time " : " ")
                    .append(escaped(variable.name));
        }
        return text.toString();
    }

    /** Reads what {@link #definition} wrote. */
    static SignalSchema parse(String definition) {
        String[] lines = definition.split("\n", -1);
        try {
            return new SignalSchema(
                    plain(lines[0]),
                    List.of(lines).stream().skip(1).map(SignalSchema::variable).toList());
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new DataLogException(
                    DataLogException.Fault.DAMAGED,
                    "the definition of a schema cannot be read: " + e.getMessage(),
                    e);
        }
    }

    private static Variable variable(String line) {
        int blank = line.indexOf(' ');
        boolean time = line.startsWith(" time ", blank);
        return new Variable(
                plain(line.substring(blank + (time ? " time ".length() : 1))),
                Pod.valueOf(line.substring(0, blank).toUpperCase(Locale.ROOT)),
                time);
    }

    /** A name without line feeds and blanks, which part the definition. */
    private static String escaped(String name) {
        return name.replace("\\", "\\\\").replace("\n", "\\n").replace(" ", "\\s");
    }

    private static String plain(String escaped) {
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < escaped.length(); i++) {
            char c = escaped.charAt(i);
            if (c != '\\') {
                name.append(c);
                continue;
            }
            name.append(
                    switch (escaped.charAt(++i)) {
                        case 'n' -> '\n';
                        case 's' -> ' ';
                        default -> '\\';
                    });
        }
        return name.toString();
    }
}
