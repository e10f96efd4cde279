package dev.forebay.blobhttp;

import java.net.ProtocolException;

/** The other side speaks TLS where plain HTTP was expected. */
final class FoundTlsException extends ProtocolException {
    private static final long serialVersionUID = 1;

    FoundTlsException() {
        super("expected a server that speaks plain HTTP, found one that speaks TLS");
    }
}
