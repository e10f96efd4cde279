package dev.forebay.datalog.export;

import java.nio.ByteBuffer;

/**
 * A text message, comment, event or blob.
 *
 * @param series the number of its series in the file
 * @param type what the payload is, such as the full name of a message
 * @param contentType a MIME type
 */
record LogMessage(
        int series,
        String channel,
        String type,
        String contentType,
        long nanos,
        ByteBuffer payload) {
    /** The word for what it is. */
    String kind() {
        return switch (type) {
            case KnownMessages.TEXT -> "text";
            case KnownMessages.COMMENT -> "comment";
            case KnownMessages.EVENT -> "event";
            default -> "blob";
        };
    }
}
