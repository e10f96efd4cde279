package dev.forebay.control;

import dev.forebay.run.RunStatus;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Selects runs; all parts must match.
 *
 * @param states one of them
 * @param tags with exactly these values, at most 100
 * @param tagKeys with any value, at most 100
 * @param codespec a name, or a name with {@code /versions/N}
 * @param created between these times, both exclusive
 * @param finished between these times, both exclusive
 */
public record RunFilter(
        Set<RunStatus> states,
        Map<String, String> tags,
        Set<String> tagKeys,
        Optional<String> codespec,
        TimeRange created,
        TimeRange finished) {
    public static final RunFilter ALL =
            new RunFilter(
                    EnumSet.allOf(RunStatus.class),
                    Map.of(),
                    Set.of(),
                    Optional.empty(),
                    TimeRange.ALL,
                    TimeRange.ALL);

    public RunFilter {
        Tags.checkCount(tags.size());
        Tags.checkCount(tagKeys.size());
        states = Set.copyOf(states);
        tags = Map.copyOf(tags);
        tagKeys = Set.copyOf(tagKeys);
    }

    /** The states that meet at least one of the expressions; all if there is none. */
    public static Set<RunStatus> states(List<String> expressions) {
        if (expressions.isEmpty()) {
            return EnumSet.allOf(RunStatus.class);
        }
        Set<RunStatus> states = EnumSet.noneOf(RunStatus.class);
        expressions.forEach(each -> states.addAll(StatusExpression.parse(each)));
        return states;
    }

    /** Whether it could be a codespec of a run: a name, or a name with {@code /versions/N}. */
    public static boolean isCodespec(String text) {
        return RunReference.isReference(text);
    }

    /** False if no run can match. */
    boolean canMatch() {
        return !states.isEmpty()
                && new TagFilter(tags, Map.of(), tagKeys, created).canMatch()
                && codespec.map(RunFilter::isCodespec).orElse(true);
    }

    /** The labels that a run must have with these values. */
    List<Label> labels() {
        List<Label> labels = new ArrayList<>();
        codespec.ifPresent(reference -> labels.add(RunReference.label(reference)));
        tags.forEach((key, value) -> labels.add(new Label(key, value)));
        return labels;
    }

    /** A tag of a run, or its codespec under a key that no tag can have. */
    record Label(String key, String value) {}
}
