package dev.forebay.cli;

import static java.util.Objects.requireNonNull;

import dev.forebay.base.Worker;
import dev.forebay.client.ForebayClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The commands that scripts start again and again, each described to picocli alone, by {@link
 * KeptCommands}: to describe all of the program takes longer than most of them run.
 *
 * <p>A command behaves and explains itself as it does in the whole program. Whatever is not named
 * in full here takes the long way, so this is never the place where something is refused.
 */
final class FastCommands {
    /** Lines that ask for something of the program as a whole. */
    private static final Set<String> OF_ALL =
            Set.of("--help", "-h", HelpWords.WORD, "--version", "-V");

    private static final List<String> ON_BUFFERS =
            List.of("create", "write", "read", "access", "show", "set", "list", "count", "delete");

    /** With the rehearsal of short commands, so that their record has nothing of the others. */
    private static final List<String> OTHERS =
            List.of("version", "completion", "login", "serve", "warm-up");

    private final KeptCommands kept;

    /** Described as {@code kept} says. */
    FastCommands(KeptCommands kept) {
        this.kept = kept;
    }

    /** The program with the one command that {@code args} name, if it is one of those. */
    Optional<CommandLine> to(Forebay program, String... args) {
        Supplier<Object> command =
                args.length > 1 && args[0].equals("buffer") ? onBuffers(args[1]) : null;
        if (command == null) {
            return local(program, args);
        }
        // Only saves time: what fails here fails again in the command, which says so.
        Worker.platform("prepare", ForebayClient::prepare, _ -> {});
        CommandSpec buffer = CommandSpec.wrapWithoutInspection(new BufferCommand()).name("buffer");
        buffer.addSubcommand(args[1], kept.describe(command.get()));
        CommandSpec root = CommandSpec.wrapWithoutInspection(program).name("forebay");
        return Optional.of(new CommandLine(root.addSubcommand("buffer", buffer)));
    }

    /** A command that need not ask a server for anything. */
    private Optional<CommandLine> local(Forebay program, String... args) {
        String name = args.length > 0 ? args[0] : "";
        if (args.length == 1 && OF_ALL.contains(name)) {
            return Optional.of(new CommandLine(kept.outline(program)));
        }
        Supplier<Object> command = other(name);
        if (command == null || name.equals("serve") && mayReadSettings(args)) {
            return Optional.empty();
        }
        CommandSpec root = CommandSpec.wrapWithoutInspection(program).name("forebay");
        return Optional.of(new CommandLine(root.addSubcommand(name, kept.describe(command.get()))));
    }

    /**
     * Whether a file may set options: that of {@code serve --config} knows those of the whole
     * program, and picocli takes arguments from a file that {@code @} names.
     */
    private static boolean mayReadSettings(String... args) {
        return Stream.of(args).anyMatch(arg -> arg.startsWith("--config") || arg.startsWith("@"));
    }

    /** A new object of each command that is described alone. */
    static List<Object> all() {
        List<Object> all = new ArrayList<>();
        ON_BUFFERS.forEach(name -> all.add(requireNonNull(onBuffers(name)).get()));
        OTHERS.forEach(name -> all.add(requireNonNull(other(name)).get()));
        return all;
    }

    private static @Nullable Supplier<Object> other(String name) {
        return switch (name) {
            case "version" -> VersionCommand::new;
            case "completion" -> CompletionCommand::new;
            case "login" -> LoginCommand::new;
            case "serve" -> ServeCommand::new;
            case "warm-up" -> WarmUpCommand::new;
            default -> null;
        };
    }

    private static @Nullable Supplier<Object> onBuffers(String name) {
        return switch (name) {
            case "create" -> CreateCommand::new;
            case "write" -> WriteCommand::new;
            case "read" -> ReadCommand::new;
            case "access" -> AccessCommand::new;
            case "show" -> ShowCommand::new;
            case "set" -> SetCommand::new;
            case "list" -> ListCommand::new;
            case "count" -> CountCommand::new;
            case "delete" -> RemovalCommands.Delete::new;
            default -> null;
        };
    }
}
