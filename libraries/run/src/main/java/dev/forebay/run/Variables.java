package dev.forebay.run;

import java.util.Map;

/** Replaces {@code $(NAME)} in a text, as {@link Program#resolve} says. */
final class Variables {
    private Variables() {}

    static String expand(String text, Map<String, String> values) {
        StringBuilder expanded = new StringBuilder(text.length());
        int at = 0;
        while (at < text.length()) {
            int dollar = text.indexOf('$', at);
            if (dollar < 0) {
                break;
            }
            expanded.append(text, at, dollar);
            boolean escaped = text.startsWith("$$(", dollar);
            int open = escaped ? dollar + 2 : dollar + 1;
            int close = text.startsWith("(", open) ? text.indexOf(')', open) : -1;
            if (close < 0) {
                expanded.append('$');
                at = dollar + 1;
                continue;
            }
            String whole = text.substring(open - 1, close + 1);
            String name = text.substring(open + 1, close);
            expanded.append(escaped ? whole : values.getOrDefault(name, whole));
            at = close + 1;
        }
        return expanded.append(text, at, text.length()).toString();
    }
}
