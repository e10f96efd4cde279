package dev.forebay.run;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A program with its variables replaced, as it is handed to the operating system.
 *
 * @param command the executable and its first arguments
 * @param args further arguments
 * @param env all variables, by their names
 */
public record Invocation(List<String> command, List<String> args, Map<String, String> env) {
    /** {@return the command with its arguments} */
    public List<String> words() {
        return Stream.concat(command.stream(), args.stream()).toList();
    }
}
