package dev.forebay.control;

import dev.forebay.control.ControlException.Kind;
import dev.forebay.run.RunStatus;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Reads an expression over the states of runs, such as {@code Running || Pending} and {@code
 * !(Succeeded || "Failed")}. Words have no case and may stand in quotes. {@code !} binds before
 * {@code &&}, and {@code &&} before {@code ||}.
 *
 * <pre>{@code
 * or   = and { "||" and }
 * and  = not { "&&" not }
 * not  = "!" not | "(" or ")" | status
 * }</pre>
 *
 * A run has one state, so an expression is the set of the states that meet it: {@code ||} unites,
 * {@code &&} intersects, {@code !} is the rest. The database then compares with a list and needs no
 * expression. A message names the character that is wrong, counted from 1.
 */
final class StatusExpression {
    /** Deeper nesting, by brackets or by {@code !}, is refused; a call needs a frame a level. */
    private static final int DEEPEST = 100;

    private final String text;
    private int at;
    private int depth;

    private StatusExpression(String text) {
        this.text = text;
    }

    /** The states that meet the expression; may be none. */
    static Set<RunStatus> parse(String text) {
        StatusExpression expression = new StatusExpression(text);
        Set<RunStatus> states = expression.or();
        if (expression.at < text.length()) {
            throw expression.expected("&& or ||, or the end");
        }
        return states;
    }

    private Set<RunStatus> or() {
        Set<RunStatus> states = and();
        while (take("||")) {
            states.addAll(and());
        }
        return states;
    }

    private Set<RunStatus> and() {
        Set<RunStatus> states = not();
        while (take("&&")) {
            states.retainAll(not());
        }
        return states;
    }

    private Set<RunStatus> not() {
        if (++depth > DEEPEST) {
            throw invalid("at most %d levels of ! and brackets".formatted(DEEPEST), "more", at);
        }
        Set<RunStatus> states = operand();
        depth--;
        return states;
    }

    private Set<RunStatus> operand() {
        if (take("!")) {
            Set<RunStatus> rest = EnumSet.allOf(RunStatus.class);
            rest.removeAll(not());
            return rest;
        }
        if (take("(")) {
            Set<RunStatus> inside = or();
            if (!take(")")) {
                throw expected("&&, || or a closing bracket");
            }
            return inside;
        }
        return EnumSet.of(status());
    }

    private RunStatus status() {
        skipBlanks();
        int start = at;
        String word = at < text.length() && isQuote(text.charAt(at)) ? quoted() : word();
        if (word.isEmpty() && start == at) {
            throw expected("a status, ! or (");
        }
        return RunStatus.of(word)
                .orElseThrow(() ->
                        new ControlException(
                                Kind.INVALID,
                                "Invalid status: %s, at character %d of '%s'; expected one of %s"
                                        .formatted(shown(word), start + 1, shown(text), words())));
    }

    private static String words() {
        return Arrays.stream(RunStatus.values())
                .map(RunStatus::text)
                .collect(Collectors.joining(", "));
    }

    private static boolean isQuote(char c) {
        return c == '"' || c == '\'';
    }

    private String quoted() {
        int end = text.indexOf(text.charAt(at), at + 1);
        if (end < 0) {
            throw invalid("a quote that closes this one", "none", at);
        }
        String word = text.substring(at + 1, end);
        at = end + 1;
        return word;
    }

    private String word() {
        int start = at;
        while (at < text.length() && Character.isLetterOrDigit(text.charAt(at))) {
            at++;
        }
        return text.substring(start, at);
    }

    private boolean take(String symbol) {
        skipBlanks();
        if (!text.startsWith(symbol, at)) {
            return false;
        }
        at += symbol.length();
        skipBlanks();
        return true;
    }

    private void skipBlanks() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    private ControlException expected(String what) {
        String found = at < text.length() ? "'" + text.charAt(at) + "'" : "the end";
        return invalid(what, found, at);
    }

    private ControlException invalid(String expected, String found, int position) {
        return new ControlException(
                Kind.INVALID,
                "Invalid status expression: expected %s at character %d of '%s', found %s"
                        .formatted(expected, position + 1, shown(text), found));
    }

    private static String shown(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "...";
    }
}
