package dev.forebay.cli;

import java.util.Arrays;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** The ways to ask for help without {@code --help}. */
final class HelpWords {
    static final String WORD = "help";

    private HelpWords() {}

    /** Prints the help of a command that is nothing without a further word; the exit code. */
    static int print(CommandSpec spec) {
        spec.commandLine().usage(Shell.of(spec).rawOut());
        return 0;
    }

    /**
     * The arguments, with {@code --help} in place of {@code help} where that is no argument of a
     * command: at the beginning ({@code help buffer list}), and behind a group ({@code buffer
     * help}). What follows a command there is left out, so that no {@code help} ever executes one.
     */
    static String[] asOption(CommandLine program, String... args) {
        boolean first = args.length > 0 && args[0].equals(WORD);
        boolean last = args.length > 1 && args[args.length - 1].equals(WORD);
        if (!first && !last) {
            return args;
        }
        String[] words =
                first
                        ? Stream.of(args).dropWhile(WORD::equals).toArray(String[]::new)
                        : Arrays.copyOf(args, args.length - 1);
        CommandLine command = program;
        int depth = 0;
        for (String word : words) {
            CommandLine below = command.getSubcommands().get(word);
            if (below == null) {
                break;
            }
            command = below;
            depth++;
        }
        boolean group = !command.getSubcommands().isEmpty();
        if (depth < words.length) {
            boolean refused = group && command.getCommandSpec().positionalParameters().isEmpty();
            if (!first || refused) {
                return first ? words : args;
            }
        } else if (!first && !group) {
            return args;
        }
        String[] asked = Arrays.copyOf(words, depth + 1);
        asked[depth] = "--help";
        return asked;
    }
}
