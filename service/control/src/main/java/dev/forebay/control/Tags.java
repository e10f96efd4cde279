package dev.forebay.control;

import java.util.Map;

/** The rules of tags; source: section 2.8 of the wire reference. */
final class Tags {
    private static final int MOST = 100;
    private static final int LONGEST_KEY = 128;
    private static final int LONGEST_VALUE = 256;

    private Tags() {}

    /** Whether a buffer may have such a tag; not every database takes any other text. */
    static boolean couldBe(String key, String value) {
        return isPlain(key) && isPlain(value);
    }

    static void checkCount(int count) {
        if (count > MOST) {
            throw invalid("No more than " + MOST + " tags are allowed, got " + count);
        }
    }

    static void check(Map<String, String> tags) {
        checkCount(tags.size());
        tags.forEach((key, value) -> {
            if (key.isEmpty() || key.length() > LONGEST_KEY || !isPlain(key)) {
                throw invalid(
                        "Tag keys must contain up to 128 letters, digits, '-', '_' or '.', not '"
                                + shown(key)
                                + "'");
            }
            if (value.length() > LONGEST_VALUE || !isPlain(value)) {
                throw invalid(
                        "Tag values can contain up to 256 letters, digits, '-', '_' or '.', not '"
                                + shown(value)
                                + "'");
            }
        });
    }

    private static String shown(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "...";
    }

    private static boolean isPlain(String text) {
        return text.chars()
                .allMatch(c ->
                        c >= 'a' && c <= 'z'
                                || c >= 'A' && c <= 'Z'
                                || c >= '0' && c <= '9'
                                || c == '-'
                                || c == '_'
                                || c == '.');
    }

    private static ControlException invalid(String message) {
        return new ControlException(ControlException.Kind.INVALID, message);
    }
}
