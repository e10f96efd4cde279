package dev.forebay.control;

import com.google.errorprone.annotations.FormatMethod;
import dev.forebay.control.ControlException.Kind;
import dev.forebay.wire.control.BufferParametersBody;
import dev.forebay.wire.control.CodespecBody;
import dev.forebay.wire.control.SocketBody;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The rules of codespecs, and the messages of the reference; source: section 2.10 of its protocol.
 * The first rule that is broken is reported.
 */
final class CodespecRules {
    private static final int LONGEST_NAME = 255;
    private static final int MOST_BUFFERS = 1000;
    private static final int LARGEST_PORT = 65_535;
    private static final Pattern NAME = Pattern.compile("[a-z0-9\\-._]*");
    private static final Pattern BUFFER = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");

    /** Any escape or reference; the group is the name that a reference has. */
    private static final Pattern REFERENCE = Pattern.compile("\\$\\$|\\$\\(([^()]+)\\)");

    private CodespecRules() {}

    static boolean isName(String name) {
        return !name.isEmpty() && name.length() <= LONGEST_NAME && NAME.matcher(name).matches();
    }

    static void checkName(String name, CodespecBody codespec) {
        if (!isName(name)) {
            throw invalid(
                    "Codespec names must contain only lower case letters (a-z), numbers (0-9), dashes"
                            + " (-), underscores (_), and dots (.), at most %d; found '%s'",
                    LONGEST_NAME, shown(name));
        }
        if (codespec.name() != null && !codespec.name().equals(name)) {
            throw invalid(
                    "The name in the body, '%s', is not that of the path, '%s'",
                    shown(codespec.name()), name);
        }
    }

    /** Refuses content that cannot be executed, whatever the executor. */
    static void check(CodespecBody codespec) {
        if (codespec.kind() == null) {
            throw invalid(
                    "Missing discriminator property 'kind'. It can be either 'job' or 'worker'");
        }
        boolean job = codespec.kind().equals(CodespecBody.JOB);
        if (!job && !codespec.kind().equals(CodespecBody.WORKER)) {
            throw invalid(
                    "Invalid value for the property 'kind'. It can be either 'job' or 'worker'");
        }
        if (codespec.image() == null) {
            throw invalid("The codespec was missing required properties including: 'image'.");
        }
        refuseOfOtherKind(codespec, job);
        refuseNull("command", codespec.command());
        refuseNull("args", codespec.args());
        refuseNull("sockets", codespec.sockets());
        refuseNull("env", codespec.env());
        refuseNull("endpoints", codespec.endpoints());
        if (codespec.endpoints() != null) {
            codespec.endpoints()
                    .forEach((name, port) -> checkPort("The endpoint '" + name + "'", port));
        }
        checkBuffers(codespec);
        checkSockets(codespec);
    }

    private static void refuseOfOtherKind(CodespecBody codespec, boolean job) {
        refuseOfOtherKind("buffers", codespec.buffers(), job, codespec);
        refuseOfOtherKind("sockets", codespec.sockets(), job, codespec);
        refuseOfOtherKind("endpoints", codespec.endpoints(), !job, codespec);
    }

    private static void refuseOfOtherKind(
            String property, @Nullable Object value, boolean allowed, CodespecBody codespec) {
        if (value != null && !allowed) {
            throw invalid(
                    "Unrecognized property '%s'; a codespec of kind '%s' has none",
                    property, codespec.kind());
        }
    }

    private static void refuseNull(String property, @Nullable List<?> values) {
        if (values != null && values.stream().anyMatch(Objects::isNull)) {
            throw invalid(
                    "expected no null in the list '%s', found one at index %d",
                    property, values.indexOf(null));
        }
    }

    private static void refuseNull(String property, @Nullable Map<String, ?> values) {
        if (values != null) {
            values.forEach((key, value) -> {
                if (value == null) {
                    throw invalid("expected a value of '%s' in '%s', found null", key, property);
                }
            });
        }
    }

    private static void checkPort(String what, @Nullable Integer port) {
        if (port == null || port < 1 || port > LARGEST_PORT) {
            throw invalid("%s must have a port between 1 and 65535, found %s", what, port);
        }
    }

    /** The names of the parameters: inputs, then outputs. */
    static List<String> parameters(CodespecBody codespec) {
        List<String> all = new ArrayList<>(inputs(codespec));
        all.addAll(outputs(codespec));
        return all;
    }

    static List<String> inputs(CodespecBody codespec) {
        BufferParametersBody buffers = codespec.buffers();
        return buffers == null || buffers.inputs() == null ? List.of() : buffers.inputs();
    }

    static List<String> outputs(CodespecBody codespec) {
        BufferParametersBody buffers = codespec.buffers();
        return buffers == null || buffers.outputs() == null ? List.of() : buffers.outputs();
    }

    private static void checkBuffers(CodespecBody codespec) {
        List<String> names = parameters(codespec);
        if (names.size() > MOST_BUFFERS) {
            throw invalid(
                    "A codespec can have at most %d buffers, found %d", MOST_BUFFERS, names.size());
        }
        Set<String> seen = new HashSet<>();
        for (@Nullable String name : names) {
            if (name == null || name.isBlank()) {
                throw invalid("A buffer name cannot be empty");
            }
            if (!seen.add(name.toLowerCase(Locale.ROOT))) {
                throw invalid(
                        "All buffer names must be unique across inputs and outputs; '%s' is there"
                                + " twice. Names are compared without case",
                        shown(name));
            }
            if (!BUFFER.matcher(name).matches()) {
                throw invalid(
                        "Buffer names must consist of lower case letters (a-z), numbers (0-9) and"
                                + " dashes (-), and begin and end with a letter or a number; found"
                                + " '%s'",
                        shown(name));
            }
        }
    }

    private static void checkSockets(CodespecBody codespec) {
        if (codespec.sockets() == null) {
            return;
        }
        Set<String> owned = new HashSet<>();
        for (SocketBody socket : codespec.sockets()) {
            checkPort("A socket", socket.port());
            if (socket.inputBuffer() == null && socket.outputBuffer() == null) {
                throw invalid(
                        "The socket of port %d must have an inputBuffer, an outputBuffer or both",
                        socket.port());
            }
            own(socket.inputBuffer(), "input", inputs(codespec), owned);
            own(socket.outputBuffer(), "output", outputs(codespec), owned);
        }
        refuseReferences(codespec, owned);
    }

    private static void own(
            @Nullable String buffer, String direction, List<String> parameters, Set<String> owned) {
        if (buffer == null) {
            return;
        }
        if (parameters.stream().noneMatch(buffer::equalsIgnoreCase)) {
            throw invalid(
                    "The %s buffer '%s' of a socket is not among the %ss of the codespec: %s",
                    direction, shown(buffer), direction, parameters);
        }
        if (!owned.add(buffer.toLowerCase(Locale.ROOT))) {
            throw invalid("The buffer '%s' is used by more than one socket", shown(buffer));
        }
    }

    /** A buffer whose bytes go through a socket has no pipe. */
    private static void refuseReferences(CodespecBody codespec, Set<String> owned) {
        Stream.of(
                        orNone(codespec.command()),
                        orNone(codespec.args()),
                        codespec.env() == null
                                ? List.<String>of()
                                : List.copyOf(codespec.env().values()))
                .flatMap(List::stream)
                .forEach(text -> {
                    Matcher reference = REFERENCE.matcher(text);
                    while (reference.find()) {
                        String variable = reference.group(1);
                        if (variable != null && isPipeOf(variable, owned)) {
                            throw invalid(
                                    "'%s' refers to the pipe of a buffer that a socket owns; write"
                                            + " $$(%s) if the text itself is meant",
                                    reference.group(), variable);
                        }
                    }
                });
    }

    private static List<String> orNone(@Nullable List<String> texts) {
        return texts == null ? List.of() : texts;
    }

    private static boolean isPipeOf(String variable, Set<String> owned) {
        return owned.stream()
                .anyMatch(buffer -> variable.equals(buffer.toUpperCase(Locale.ROOT) + "_PIPE"));
    }

    private static String shown(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "...";
    }

    @FormatMethod
    private static ControlException invalid(String message, @Nullable Object... values) {
        return new ControlException(Kind.INVALID, message.formatted(values));
    }
}
