package dev.forebay.blobhttp;

import java.io.IOException;

/** What the other side sent is no HTTP/1.1; the connection is of no more use. */
final class MalformedAnswerException extends IOException {
    MalformedAnswerException(String what) {
        super("malformed answer: " + what);
    }
}
