package dev.forebay.server;

import dev.forebay.base.ForebayException;
import dev.forebay.wire.control.ControlErrorCode;
import dev.forebay.wire.control.ErrorBody;

/** A request is refused: a status, and a code of {@link ControlErrorCode} with a sentence. */
final class Refusal extends ForebayException {
    private final int status;
    private final transient ErrorBody body;

    Refusal(int status, ErrorBody body) {
        super(body.error().message());
        this.status = status;
        this.body = body;
    }

    Refusal(int status, String code, String message) {
        this(status, ErrorBody.of(code, message));
    }

    static Refusal badRequest(String message) {
        return new Refusal(400, ControlErrorCode.BAD_REQUEST, message);
    }

    static Refusal invalidInput(String message) {
        return new Refusal(400, ControlErrorCode.INVALID_INPUT, message);
    }

    static Refusal notFound() {
        return new Refusal(404, ControlErrorCode.NOT_FOUND, "The resource was not found");
    }

    static Refusal tooLarge(long limit) {
        return new Refusal(
                413,
                ControlErrorCode.BAD_REQUEST,
                "the body is larger than the limit of %d bytes".formatted(limit));
    }

    int status() {
        return status;
    }

    ErrorBody body() {
        return body;
    }

    @Override
    public boolean mayRetry() {
        return false;
    }
}
