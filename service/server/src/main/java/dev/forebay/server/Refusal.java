package dev.forebay.server;

import dev.forebay.base.ForebayException;
import dev.forebay.wire.control.ControlErrorCode;

/** The control plane's "no": a status, a code of {@link ControlErrorCode} and a sentence. */
public final class Refusal extends ForebayException {
    private final int status;
    private final String code;

    public Refusal(int status, String code, String message) {
        super(message);
        this.status = status;
        this.code = code;
    }

    public static Refusal badRequest(String message) {
        return new Refusal(400, ControlErrorCode.BAD_REQUEST, message);
    }

    public static Refusal invalidInput(String message) {
        return new Refusal(400, ControlErrorCode.INVALID_INPUT, message);
    }

    public static Refusal notFound() {
        return new Refusal(404, ControlErrorCode.NOT_FOUND, "The resource was not found");
    }

    public static Refusal preconditionFailed(String message) {
        return new Refusal(412, ControlErrorCode.PRECONDITION_FAILED, message);
    }

    static Refusal tooLarge(long limit) {
        return new Refusal(
                413,
                ControlErrorCode.BAD_REQUEST,
                "the body is larger than the limit of " + limit + " bytes");
    }

    public int status() {
        return status;
    }

    public String code() {
        return code;
    }

    @Override
    public boolean mayRetry() {
        return false;
    }
}
