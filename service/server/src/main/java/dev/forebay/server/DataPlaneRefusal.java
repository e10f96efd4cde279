package dev.forebay.server;

import dev.forebay.base.ForebayException;
import dev.forebay.wire.data.DataErrorCode;
import java.util.Map;

/**
 * A request of the data plane is refused: a status and a code of {@link DataErrorCode}, no body.
 * Readers that poll meet one per missing blob, so it has no stack trace.
 */
final class DataPlaneRefusal extends ForebayException {
    private final int status;
    private final String code;
    private final transient Map<String, String> headers;

    DataPlaneRefusal(int status, String code) {
        this(status, code, Map.of());
    }

    /** One whose answer has further headers. */
    DataPlaneRefusal(int status, String code, Map<String, String> headers) {
        super(code);
        this.status = status;
        this.code = code;
        this.headers = Map.copyOf(headers);
    }

    int status() {
        return status;
    }

    String code() {
        return code;
    }

    Map<String, String> headers() {
        return headers;
    }

    @Override
    public boolean mayRetry() {
        return false;
    }

    @Override
    public Throwable fillInStackTrace() {
        return this;
    }
}
