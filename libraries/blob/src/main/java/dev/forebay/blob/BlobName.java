package dev.forebay.blob;

/**
 * The name of a blob inside its container: 1 to 1024 characters, segments divided by single
 * slashes. A segment is made of ASCII letters, digits and {@code _}, in runs divided by single
 * {@code .} or {@code -}, and may start with one {@code .}; so {@code ..}, empty segments and
 * absolute paths cannot be written. Checked in one pass over the text.
 *
 * <p>Source of the rule: the data plane of the reference, with its unescaped dot mended.
 *
 * @param text the whole name
 */
public record BlobName(String text) implements Comparable<BlobName> {
    private static final int LONGEST = 1024;

    /** Checks that it is a legal name. */
    public BlobName {
        if (!isValid(text)) {
            String shown =
                    text.length() <= 80
                            ? text
                            : text.substring(0, 80) + "... (" + text.length() + " characters)";
            throw new IllegalArgumentException(
                    "illegal blob name '"
                            + shown
                            + "'; expected 1 to "
                            + LONGEST
                            + " characters in segments such as .bufferstart or 08/7F/FFF");
        }
    }

    /**
     * Whether {@code text} is a legal name.
     *
     * @param text a name
     * @return true if it is
     */
    public static boolean isValid(String text) {
        if (text.isEmpty() || text.length() > LONGEST) {
            return false;
        }
        char before = '/';
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean legal =
                    switch (c) {
                        case '/' -> isWord(before);
                        case '.' -> isWord(before) || before == '/';
                        case '-' -> isWord(before);
                        default -> isWord(c);
                    };
            if (!legal) {
                return false;
            }
            before = c;
        }
        return isWord(before);
    }

    private static boolean isWord(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_';
    }

    @Override
    public int compareTo(BlobName other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}
