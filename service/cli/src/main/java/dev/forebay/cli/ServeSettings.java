package dev.forebay.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * The settings of a server in a file: the options of {@code serve} by their names without {@code
 * --}. Options on the command line beat them.
 */
final class ServeSettings {
    private static final Set<String> NOT_IN_FILE = Set.of("config", "help", "version");

    private final Path file;

    ServeSettings(Path file) {
        this.file = file;
    }

    /**
     * Sets the options that the command line does not give.
     *
     * @param serve the command, whose line was parsed
     * @throws IllegalArgumentException if a key or a value is wrong; names file and line
     */
    void applyTo(CommandSpec serve) throws IOException {
        CommandLine.ParseResult given = serve.commandLine().getParseResult();
        CommandLine.ParseResult ofAll = serve.root().commandLine().getParseResult();
        for (Map.Entry<String, FlatYaml.Entry> each : FlatYaml.read(file).entrySet()) {
            String name = "--" + each.getKey();
            FlatYaml.Entry entry = each.getValue();
            OptionSpec option = serve.findOption(name);
            if (option == null || NOT_IN_FILE.contains(each.getKey())) {
                throw FlatYaml.wrong(
                        file,
                        entry.line(),
                        "the key '%s' is unknown; expected an option of 'forebay serve' without --"
                                .formatted(each.getKey()));
            }
            if (!option.isMultiValue() && entry.values().size() != 1) {
                throw FlatYaml.wrong(
                        file,
                        entry.line(),
                        "the key '%s' takes one value".formatted(each.getKey()));
            }
            Object value = value(serve, name, entry);
            if (!given.hasMatchedOption(name) && !ofAll.hasMatchedOption(name)) {
                option.setValue(value);
            }
        }
    }

    /** The value as the parser reads it on a command line. */
    private Object value(CommandSpec serve, String name, FlatYaml.Entry entry) {
        CommandLine reader = reader(serve, name);
        List<String> words = entry.values().stream().map(each -> name + "=" + each).toList();
        try {
            reader.parseArgs(words.toArray(String[]::new));
        } catch (ParameterException e) {
            throw FlatYaml.wrong(file, entry.line(), Failures.message(e));
        }
        return reader.getCommandSpec().findOption(name).getValue();
    }

    /** Parses options of {@code serve}, or those of every command. */
    private static CommandLine reader(CommandSpec serve, String name) {
        boolean ofEvery = name.equals(LogOptions.LEVEL) || name.equals(LogOptions.FORMAT);
        return ofEvery
                ? Forebay.commandLine(Shell.of(serve))
                : Forebay.converting(new CommandLine(new ServeCommand()));
    }
}
