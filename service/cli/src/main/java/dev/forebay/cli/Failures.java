package dev.forebay.cli;

import dev.forebay.base.DamagedException;
import dev.forebay.base.ForebayException;
import dev.forebay.base.Reason;
import dev.forebay.bddf.BddfException;
import dev.forebay.blob.ContainerException;
import dev.forebay.stream.TransferInterruptedException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * How a command that did not succeed ends: one line on standard error, and an exit code that says
 * whether the user, the server or the data is at fault. The stack trace of a failure that no code
 * expected goes to a file that the line names.
 */
final class Failures {
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int DAMAGED = 3;
    static final int INTERRUPTED = 130;

    /** How the parser says which words it takes: by their names in the source. */
    private static final Pattern WORDS =
            Pattern.compile("expected one of \\[(.*)] \\(case-insensitive\\) but was (.*)");

    /** What the library that reads JSON says of the place, which it does not know. */
    private static final Pattern NO_PLACE = Pattern.compile(" \\(start marker at .*?#UNKNOWN]\\)");

    private Failures() {}

    /** A command line that cannot be read. */
    static int misused(ParameterException e, String... args) {
        CommandLine command = e.getCommandLine();
        Shell shell = Shell.of(command.getCommandSpec());
        shell.err().println("Error: " + oneLine(named(e, message(e), args)));
        String meant =
                e instanceof UnmatchedArgumentException u && !u.getUnmatched().contains("help")
                        ? Suggestions.of(u)
                        : "";
        shell.err()
                .println(
                        meant.isEmpty()
                                ? "Try '%s --help' for more."
                                        .formatted(command.getCommandSpec().qualifiedName())
                                : meant);
        return USAGE;
    }

    /** The parser calls an option by the longest of its names; the user wrote another. */
    private static String named(ParameterException e, String said, String... args) {
        if (!(e.getArgSpec() instanceof OptionSpec option)) {
            return said;
        }
        return Stream.of(option.names())
                .filter(name ->
                        Stream.of(args)
                                .anyMatch(arg -> arg.equals(name) || arg.startsWith(name + "=")))
                .findFirst()
                .map(name -> said.replace("'" + option.longestName() + "'", "'" + name + "'"))
                .orElse(said);
    }

    /** The parser counts arguments; a user looks for what was written there. */
    static String message(ParameterException e) {
        if (e instanceof UnmatchedArgumentException u && isInPlaceOfACommand(u)) {
            return "unknown command '%s'".formatted(u.getUnmatched().getFirst());
        }
        String said =
                String.valueOf(e.getMessage())
                        .replaceFirst(
                                "^Unmatched (arguments?) (?:at|from) index \\d+: ",
                                "unexpected $1 ")
                        .replaceFirst("^Unknown options?: ('[^']*').*", "unknown option $1")
                        .replaceFirst("positional parameter at index \\S+ \\((\\S+)\\)", "$1")
                        .replaceFirst("(option '\\S+') \\(\\S+\\)", "$1")
                        .replaceFirst(
                                "^Value for option (option '\\S+') should be in KEY=VALUE format but was (.*)",
                                "Invalid value for $1: expected KEY=VALUE, found '$2'");
        return WORDS.matcher(said)
                .replaceFirst(
                        found -> Matcher.quoteReplacement(asTyped(found.group(1), found.group(2))));
    }

    private static boolean isInPlaceOfACommand(UnmatchedArgumentException e) {
        CommandSpec spec = e.getCommandLine().getCommandSpec();
        return !e.isUnknownOption()
                && !spec.subcommands().isEmpty()
                && spec.positionalParameters().isEmpty();
    }

    private static String asTyped(String words, String found) {
        String last = ", (?=[^,]*$)";
        return "expected %s, found %s"
                .formatted(words.toLowerCase(Locale.ROOT).replaceFirst(last, " or "), found);
    }

    /** A command that threw. */
    static int failed(Throwable e, Shell shell) {
        if (isReaderGone(e)) {
            return FAILED;
        }
        switch (e) {
            case ForebayException _, IOException _, IllegalArgumentException _ ->
                    shell.err().println("Error: " + oneLine(Reason.of(e) + after(e)));
            case UncheckedIOException io ->
                    shell.err().println("Error: " + oneLine(Reason.of(cause(io))));
            case InterruptedException _ -> shell.err().println("Error: interrupted");
            case OutOfMemoryError _ ->
                    shell.err()
                            .println(
                                    "Error: out of memory (%s); set FOREBAY_MEMORY higher, or use a smaller --dop or --block-size"
                                            .formatted(e.getMessage()));
            default -> unexpected(e, shell);
        }
        return code(e);
    }

    /** What failed in the course of ending. */
    private static String after(Throwable e) {
        return Stream.of(e.getSuppressed())
                .filter(ContainerException.class::isInstance)
                .map(each -> "; after that: " + Reason.of(each))
                .collect(Collectors.joining());
    }

    /** A name may hold line breaks; a message that a program reads by lines may not. */
    private static String oneLine(String message) {
        return NO_PLACE.matcher(message).replaceAll("").replace("\r", "\\r").replace("\n", "\\n");
    }

    private static Throwable cause(UncheckedIOException e) {
        return e.getCause() == null ? e : e.getCause();
    }

    private static void unexpected(Throwable e, Shell shell) {
        String what = "Error: unexpected " + e;
        StringWriter trace = new StringWriter();
        e.printStackTrace(new PrintWriter(trace));
        try {
            Path folder = shell.folder("XDG_STATE_HOME", ".local/state");
            Files.createDirectories(folder);
            Path file = Files.createTempFile(folder, "trace-", ".txt");
            Files.writeString(file, "forebay " + VersionCommand.TEXT + "\n" + trace);
            shell.err().println(what + "; the details are in " + file + ", please report them");
        } catch (IOException | IllegalArgumentException unwritten) {
            shell.err()
                    .println(
                            "%s; the details follow, because no file takes them (%s)%n%s"
                                    .formatted(what, Reason.of(unwritten), trace));
        }
    }

    /** A command that succeeded but could not print its result. */
    static int outputLost(Shell shell) {
        if (!StandardOutput.isPipe()) {
            shell.err()
                    .println(
                            "Error: the command was done, but its result could not be written to standard output; is it closed, or its disk full?");
        }
        return FAILED;
    }

    private static int code(Throwable e) {
        return switch (e) {
            case DamagedException _ -> DAMAGED;
            case ContainerException c when c.fault() == ContainerException.Fault.DAMAGED -> DAMAGED;
            case BddfException b
                    when b.fault() == BddfException.Fault.DAMAGED
                            || b.fault() == BddfException.Fault.CUT ->
                    DAMAGED;
            case TransferInterruptedException _, InterruptedException _ -> INTERRUPTED;
            case IllegalArgumentException _ -> USAGE;
            case CommandNotStartedException c -> c.exitCode();
            default -> FAILED;
        };
    }

    private static boolean isReaderGone(Throwable e) {
        for (Throwable each = e; each != null; each = each.getCause()) {
            if (each instanceof StandardOutput.GoneException) {
                return true;
            }
        }
        return false;
    }
}
