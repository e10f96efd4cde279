package dev.forebay.datalog;

/**
 * Patterns of the shell: {@code *} is any text, {@code ?} one character, {@code [abc]} and {@code
 * [a-z]} one of these, {@code [!abc]} one of none of these; all else is itself. Takes at most the
 * product of both lengths, whatever the pattern.
 */
final class Glob {
    private Glob() {}

    static boolean fits(String pattern, String text) {
        int p = 0;
        int t = 0;
        int star = -1;
        int mark = 0;
        while (t < text.length()) {
            int behind = p < pattern.length() ? one(pattern, p, text.charAt(t)) : -1;
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                mark = t;
            } else if (behind > 0) {
                p = behind;
                t++;
            } else if (star >= 0) {
                p = star + 1; // The last star takes one character more.
                t = ++mark;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }

    /** Behind the part of the pattern at {@code p} that fits {@code c}, or -1 if it does not. */
    private static int one(String pattern, int p, char c) {
        char part = pattern.charAt(p);
        if (part == '?') {
            return p + 1;
        }
        int close = part == '[' ? pattern.indexOf(']', p + 2) : -1;
        if (close < 0) {
            return part == c && part != '*' ? p + 1 : -1;
        }
        boolean not = pattern.charAt(p + 1) == '!';
        boolean found = false;
        for (int i = not ? p + 2 : p + 1; i < close; i++) {
            boolean span = i + 2 < close && pattern.charAt(i + 1) == '-';
            found |=
                    span
                            ? pattern.charAt(i) <= c && c <= pattern.charAt(i + 2)
                            : pattern.charAt(i) == c;
            i += span ? 2 : 0;
        }
        return found != not ? close + 1 : -1;
    }
}
