package dev.forebay.cli;

import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

/** The program with its commands' names and descriptions alone, which is all its help shows. */
final class Outline {
    private Outline() {}

    /** What the annotations of {@code program} and its commands say. */
    static CommandSpec of(Forebay program) {
        CommandSpec root =
                described(
                        CommandSpec.wrapWithoutInspection(program),
                        Forebay.class.getAnnotation(Command.class));
        for (Command command : commands()) {
            root.addSubcommand(command.name(), described(CommandSpec.create(), command));
        }
        return root;
    }

    /** What is said of each command, in their order. */
    static List<Command> commands() {
        return Arrays.stream(Forebay.class.getAnnotation(Command.class).subcommands())
                .map(command -> command.getAnnotation(Command.class))
                .toList();
    }

    private static CommandSpec described(CommandSpec spec, Command said) {
        spec.updateCommandAttributes(said, CommandLine.defaultFactory());
        return spec.mixinStandardHelpOptions(said.mixinStandardHelpOptions());
    }
}
