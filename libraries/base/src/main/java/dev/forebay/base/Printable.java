package dev.forebay.base;

/**
 * Foreign text made fit for a message, a log or a terminal: characters that steer one, such as
 * escape sequences, line ends and changes of the writing direction, become U+FFFD. Adapters pass
 * every text of another process through this before it gets into a message.
 */
public final class Printable {
    private static final char REPLACEMENT = '\uFFFD';

    private Printable() {}

    /**
     * The text, with the same number of characters.
     *
     * @param text from anywhere
     * @return a text without control characters
     */
    public static String of(String text) {
        StringBuilder printable = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            printable.append(steers(c) ? REPLACEMENT : c);
        }
        return printable.toString();
    }

    private static boolean steers(char c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    true;
            default -> false;
        };
    }
}
