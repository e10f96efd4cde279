package dev.forebay.cli;

import dev.forebay.base.ForebayException;
import dev.forebay.client.BufferFilter;
import dev.forebay.client.BufferInfo;
import dev.forebay.client.ForebayClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Prints what the last of some words may become, one candidate a line; the scripts of {@code
 * completion} call it. IDs of buffers are asked for from the server, for a short time.
 *
 * <p>It never fails and never says anything on standard error: the user is at the prompt of a
 * shell.
 */
@Command(name = "complete-words", hidden = true, description = "Complete the last of these words.")
final class CompleteWordsCommand implements Callable<Integer> {
    private static final Duration CONNECT = Duration.ofSeconds(1);
    private static final Duration ANSWER = Duration.ofSeconds(2);
    private static final int MOST_IDS = 200;

    /** How commands call an argument that is a buffer. */
    private static final Set<String> OF_BUFFERS = Set.of("ID", BufferArgument.LABEL);

    @Mixin private Session session;
    @Spec private CommandSpec spec;

    @Parameters(arity = "0..*", paramLabel = "WORD", description = "The words behind the program.")
    private List<String> words = new ArrayList<>();

    @Override
    public Integer call() {
        if (words.isEmpty()) {
            return 0;
        }
        String begun = words.getLast();
        PrintWriter out = Shell.of(spec).out();
        List<CharSequence> endings = new ArrayList<>();
        int last = words.size() - 1;
        AutoComplete.complete(
                spec.root(),
                words.toArray(String[]::new),
                last,
                begun.length(),
                begun.length(),
                endings);
        endings.forEach(ending -> out.println(begun + ending));
        if (isBuffer()) {
            ids().stream().filter(id -> id.startsWith(begun)).forEach(out::println);
        }
        out.flush();
        return 0;
    }

    /** True if the last word is an argument that names a buffer. */
    private boolean isBuffer() {
        CommandLine command = spec.root().commandLine();
        int arguments = 0;
        boolean value = false;
        for (String word : words.subList(0, words.size() - 1)) {
            CommandLine next = value ? null : command.getSubcommands().get(word);
            if (next != null) {
                command = next;
                arguments = 0;
            } else if (value) {
                value = false;
            } else if (word.startsWith("-") && word.length() > 1) {
                OptionSpec option = command.getCommandSpec().findOption(word);
                value = option != null && option.arity().min() > 0;
            } else {
                arguments++;
            }
        }
        int index = arguments;
        boolean option = words.getLast().startsWith("-");
        return !value
                && !option
                && command.getCommandSpec().positionalParameters().stream()
                        .anyMatch(each ->
                                OF_BUFFERS.contains(each.paramLabel())
                                        && each.index().contains(index));
    }

    private List<String> ids() {
        try {
            URI uri = session.uri();
            return new ForebayClient(uri, session.trust(uri), CONNECT, ANSWER)
                    .through(session.proxy()).list(BufferFilter.ALL, MOST_IDS).stream()
                            .map(BufferInfo::id)
                            .toList();
        } catch (IOException | ForebayException | IllegalArgumentException e) {
            return List.of(); // Nothing can be completed without a server.
        }
    }
}
