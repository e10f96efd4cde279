package dev.forebay.run;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A program with its variables replaced, as it is handed to the operating system. */
public record Invocation(List<String> command, List<String> args, Map<String, String> env) {
    /** The command with its arguments. */
    public List<String> words() {
        return Stream.concat(command.stream(), args.stream()).toList();
    }
}
