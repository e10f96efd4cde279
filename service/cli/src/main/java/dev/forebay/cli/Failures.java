package dev.forebay.cli;

import dev.forebay.base.DamagedException;
import dev.forebay.base.ForebayException;
import dev.forebay.base.Reason;
import dev.forebay.blob.ContainerException;
import dev.forebay.stream.TransferInterruptedException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * How a command that did not succeed ends: one line on standard error, and an exit code that says
 * whose move it is. What is none of ours is thrown on, with its trace.
 */
final class Failures {
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int DAMAGED = 3;
    static final int INTERRUPTED = 130;

    /** How the parser says which words it takes: by their names in the source. */
    private static final Pattern WORDS =
            Pattern.compile("expected one of \\[(.*)] \\(case-insensitive\\) but was (.*)");

    private Failures() {}

    /** A command line that cannot be read. */
    static int misused(ParameterException e) {
        CommandLine command = e.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("Error: " + message(e));
        boolean help =
                e instanceof UnmatchedArgumentException u && u.getUnmatched().contains("help");
        if (help || !UnmatchedArgumentException.printSuggestions(e, err)) {
            err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help' for more.");
        }
        return USAGE;
    }

    /** What the parser says of places among the arguments is no help; what was written there is. */
    private static String message(ParameterException e) {
        String said =
                String.valueOf(e.getMessage())
                        .replaceFirst(
                                "^Unmatched (arguments?) (?:at|from) index \\d+: ",
                                "unexpected $1 ")
                        .replaceFirst("positional parameter at index \\S+ \\((\\S+)\\)", "$1")
                        .replaceFirst("(option '\\S+') \\(\\S+\\)", "$1");
        return WORDS.matcher(said)
                .replaceFirst(
                        found -> Matcher.quoteReplacement(asTyped(found.group(1), found.group(2))));
    }

    private static String asTyped(String words, String found) {
        String last = ", (?=[^,]*$)";
        return "expected "
                + words.toLowerCase(Locale.ROOT).replaceFirst(last, " or ")
                + ", found "
                + found;
    }

    /** A command that threw. */
    static int failed(Exception e, CommandLine command) throws Exception {
        if (!(e instanceof ForebayException
                || e instanceof IOException
                || e instanceof IllegalArgumentException)) {
            throw e;
        }
        if (readerLeft(e)) {
            return FAILED;
        }
        command.getErr().println("Error: " + Reason.of(e));
        return code(e);
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

    private static int code(Exception e) {
        return switch (e) {
            case DamagedException _ -> DAMAGED;
            case ContainerException c when c.fault() == ContainerException.Fault.DAMAGED -> DAMAGED;
            case TransferInterruptedException _ -> INTERRUPTED;
            case IllegalArgumentException _ -> USAGE;
            default -> FAILED;
        };
    }

    private static boolean readerLeft(Throwable e) {
        for (Throwable each = e; each != null; each = each.getCause()) {
            if (each instanceof StandardOutput.GoneException) {
                return true;
            }
        }
        return false;
    }
}
