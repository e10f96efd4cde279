package dev.forebay.spot;

/** A request that can never be answered; the message says what to change in it. */
final class InvalidRequestException extends RuntimeException {
    InvalidRequestException(String message) {
        super(message);
    }
}
