package dev.forebay.blobhttp;

import java.util.Optional;

/**
 * An answer without a blob.
 *
 * @param head its status and headers
 * @param explanation the first bytes of its body, as text
 */
record HttpAnswer(AnswerHead head, String explanation) {
    int status() {
        return head.status();
    }

    Optional<String> first(String header) {
        return head.first(header);
    }
}
