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
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
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
        Place place = place();
        PrintWriter out = Shell.of(spec).out();
        candidates(place).forEach(out::println);
        out.flush();
        return 0;
    }

    /**
     * Where the last word is.
     *
     * @param command whose word it is
     * @param argument its index among the arguments, if it is one
     * @param option the one whose value it is; null if it is no value
     * @param prefix what is before the value in the word, as in {@code --format=}
     */
    private record Place(
            CommandLine command, int argument, @Nullable OptionSpec option, String prefix) {}

    private Place place() {
        CommandLine command = spec.root().commandLine();
        int arguments = 0;
        OptionSpec open = null;
        for (String word : words.subList(0, words.size() - 1)) {
            CommandLine next = open != null ? null : command.getSubcommands().get(word);
            if (next != null) {
                command = next;
                arguments = 0;
            } else if (open != null) {
                open = null;
            } else if (word.startsWith("-") && word.length() > 1) {
                OptionSpec option = command.getCommandSpec().findOption(word);
                open = option != null && option.arity().min() > 0 ? option : null;
            } else {
                arguments++;
            }
        }
        String last = words.getLast();
        int end = last.indexOf('=') + 1;
        if (open == null && last.startsWith("--") && end > 0) {
            OptionSpec option = command.getCommandSpec().findOption(last.substring(0, end - 1));
            return new Place(command, arguments, option, last.substring(0, end));
        }
        return new Place(command, arguments, open, "");
    }

    private Stream<String> candidates(Place place) {
        String begun = words.getLast();
        if (place.option() != null) {
            Iterable<String> values = place.option().completionCandidates();
            return values == null
                    ? Stream.empty()
                    : StreamSupport.stream(values.spliterator(), false)
                            .map(value -> place.prefix() + value.toLowerCase(Locale.ROOT))
                            .filter(value -> value.startsWith(begun));
        }
        List<CharSequence> endings = new ArrayList<>();
        AutoComplete.complete(
                spec.root(),
                words.toArray(String[]::new),
                words.size() - 1,
                begun.length(),
                begun.length(),
                endings);
        Stream<String> words = endings.stream().map(ending -> begun + ending);
        return isBuffer(place)
                ? Stream.concat(words, ids().stream().filter(id -> id.startsWith(begun)))
                : words;
    }

    /** True if the last word is an argument that names a buffer. */
    private boolean isBuffer(Place place) {
        return !words.getLast().startsWith("-")
                && place.command().getCommandSpec().positionalParameters().stream()
                        .anyMatch(each ->
                                OF_BUFFERS.contains(each.paramLabel())
                                        && each.index().contains(place.argument()));
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
