package dev.forebay.control;

import dev.forebay.control.RunFilter.Label;
import dev.forebay.wire.control.CodespecBody;
import java.util.List;
import java.util.regex.Pattern;

/** How a run names a codespec: {@code name} or {@code name/versions/N}. */
final class RunReference {
    private static final String NAME = "=codespec";
    private static final String VERSION = "=version";
    private static final String VERSIONS = "/versions/";
    private static final Pattern FORM = Pattern.compile("[a-z0-9\\-._]+(/versions/[0-9]{1,9})?");

    private RunReference() {}

    static boolean isReference(String text) {
        return FORM.matcher(text).matches() && CodespecRules.isName(name(text));
    }

    static boolean isVersioned(String reference) {
        return reference.contains(VERSIONS);
    }

    static String name(String reference) {
        int end = reference.indexOf(VERSIONS);
        return end < 0 ? reference : reference.substring(0, end);
    }

    static int version(String reference) {
        return Integer.parseInt(
                reference.substring(reference.indexOf(VERSIONS) + VERSIONS.length()));
    }

    /** What finds the runs of a codespec. */
    static Label label(String reference) {
        return isVersioned(reference)
                ? new Label(VERSION, name(reference) + VERSIONS + version(reference))
                : new Label(NAME, reference);
    }

    /** What a run of this codespec is found by; an inline one has no name. */
    static List<Label> labels(CodespecBody codespec) {
        return codespec.name() == null
                ? List.of()
                : List.of(
                        new Label(NAME, codespec.name()),
                        new Label(VERSION, codespec.name() + VERSIONS + codespec.version()));
    }

    static boolean isTag(String key) {
        return !key.startsWith("=");
    }
}
