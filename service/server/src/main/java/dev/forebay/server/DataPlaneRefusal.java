package dev.forebay.server;

import dev.forebay.base.ForebayException;
import dev.forebay.control.AccessSigner;
import dev.forebay.wire.data.DataErrorCode;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * A request of the data plane is refused: a status and a code of {@link DataErrorCode}. Only
 * refusals that clients of the reference never meet have words, and so a body. Readers that poll
 * meet one per missing blob, so it has no stack trace.
 */
final class DataPlaneRefusal extends ForebayException {
    private final int status;
    private final String code;
    private final transient Map<String, String> headers;
    private final transient Optional<String> words;

    DataPlaneRefusal(int status, String code) {
        this(status, code, Map.of());
    }

    /** One whose answer has further headers. */
    DataPlaneRefusal(int status, String code, Map<String, String> headers) {
        this(status, code, headers, Optional.empty());
    }

    /** One that says in words what is wrong. */
    DataPlaneRefusal(int status, String code, String words) {
        this(status, code, Map.of(), Optional.of(words));
    }

    /** 503: the same request may succeed after {@code pause}. */
    static DataPlaneRefusal busy(String code, Duration pause, String words) {
        Map<String, String> headers = Map.of("Retry-After", Long.toString(pause.toSeconds()));
        return new DataPlaneRefusal(503, code, headers, Optional.of(words));
    }

    private DataPlaneRefusal(
            int status, String code, Map<String, String> headers, Optional<String> words) {
        super(words.orElse(code));
        this.status = status;
        this.code = code;
        this.headers = Map.copyOf(headers);
        this.words = words;
    }

    /** Throws unless the signature of a URL permits what is asked. */
    static void unlessAllowed(AccessSigner.Verdict signature) {
        switch (signature) {
            case ALLOWED -> {}
            case NOT_AUTHENTIC ->
                    throw new DataPlaneRefusal(403, DataErrorCode.AUTHENTICATION_FAILED);
            case NOT_PERMITTED ->
                    throw new DataPlaneRefusal(
                            403, DataErrorCode.AUTHORIZATION_PERMISSION_MISMATCH);
        }
    }

    Optional<String> words() {
        return words;
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
