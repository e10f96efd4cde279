package dev.forebay.cli;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Which words may be meant by one that a command does not take: those that the fewest changes of a
 * letter make of it, one change in three letters at most, or that it abbreviates; and where a word
 * is none of the program, the commands of that name one level below.
 */
final class Suggestions {
    private static final int MOST = 4;

    private Suggestions() {}

    /** A line that names them, or nothing. */
    static String of(UnmatchedArgumentException e) {
        String word = e.getUnmatched().getFirst();
        CommandLine command = e.getCommandLine();
        List<String> meant =
                e.isUnknownOption()
                        ? closest(word.replaceFirst("=.*", ""), options(command))
                        : commands(command, word);
        return meant.isEmpty()
                ? ""
                : meant.stream().limit(MOST).collect(joining(" or ", "Did you mean: ", "?"));
    }

    private static Stream<String> options(CommandLine command) {
        return command.getCommandSpec().options().stream()
                .filter(option -> !option.hidden())
                .map(OptionSpec::longestName);
    }

    private static List<String> commands(CommandLine command, String word) {
        List<String> here = closest(word, visible(command));
        if (here.isEmpty()) {
            return command.getSubcommands().values().stream()
                    .distinct()
                    .filter(group -> visible(group).anyMatch(word::equals))
                    .map(group -> group.getCommandSpec().qualifiedName() + " " + word)
                    .toList();
        }
        String above = command.getCommandSpec().qualifiedName();
        return here.stream().map(each -> above + " " + each).toList();
    }

    private static Stream<String> visible(CommandLine command) {
        return command.getSubcommands().entrySet().stream()
                .filter(each -> !each.getValue().getCommandSpec().usageMessage().hidden())
                .map(Map.Entry::getKey);
    }

    private static List<String> closest(String word, Stream<String> known) {
        TreeMap<Integer, List<String>> byDistance = new TreeMap<>();
        known.forEach(name -> {
            int distance = distance(word, name);
            if (distance <= Math.max(1, word.length() / 3) || abbreviates(word, name)) {
                byDistance.merge(
                        distance,
                        List.of(name),
                        (a, b) -> Stream.concat(a.stream(), b.stream()).toList());
            }
        });
        return byDistance.isEmpty() ? List.of() : byDistance.firstEntry().getValue();
    }

    /** How many letters are to be changed, put in, left out, or exchanged with their neighbour. */
    private static int distance(String a, String b) {
        int[][] least = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    least[i][j] = i + j;
                    continue;
                }
                boolean same = a.charAt(i - 1) == b.charAt(j - 1);
                int either = Math.min(least[i - 1][j], least[i][j - 1]) + 1;
                least[i][j] = Math.min(either, least[i - 1][j - 1] + (same ? 0 : 1));
                if (i > 1
                        && j > 1
                        && a.charAt(i - 1) == b.charAt(j - 2)
                        && a.charAt(i - 2) == b.charAt(j - 1)) {
                    least[i][j] = Math.min(least[i][j], least[i - 2][j - 2] + 1);
                }
            }
        }
        return least[a.length()][b.length()];
    }

    /** Whether the letters of {@code word} are in {@code name} in this order, from the first on. */
    private static boolean abbreviates(String word, String name) {
        if (word.length() < 2 || word.charAt(0) != name.charAt(0)) {
            return false;
        }
        int found = 0;
        for (int i = 0; i < name.length() && found < word.length(); i++) {
            found += name.charAt(i) == word.charAt(found) ? 1 : 0;
        }
        return found == word.length();
    }
}
