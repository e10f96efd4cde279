package dev.forebay.server;

import dev.forebay.base.ForebayException;
import dev.forebay.blob.ContainerException;
import dev.forebay.wire.data.DataErrorCode;
import java.util.Optional;

/**
 * What clients hear of a fault of the storage.
 *
 * <p>Clients of the reference repeat a 500 or 503 on the data plane for an hour, any other 5xx for
 * a minute and a 4xx not at all. So 503 is only for what passes soon, and what needs a person is a
 * 4xx.
 *
 * @param words for a person; without paths of the server
 * @param state as in {@link ErrorAnswer}
 */
record StorageFault(int status, String code, String words, Optional<String> state) {
    static StorageFault of(ContainerException e) {
        return switch (e.fault()) {
            case MISSING_CONTAINER ->
                    quiet(404, DataErrorCode.CONTAINER_NOT_FOUND, "the buffer has no container");
            case BAD_REQUEST ->
                    quiet(400, DataErrorCode.INVALID_BLOB_NAME, "the name of the blob is illegal");
            case NOT_PERMITTED ->
                    quiet(
                            403,
                            DataErrorCode.AUTHORIZATION_PERMISSION_MISMATCH,
                            "the storage does not allow this");
            case BAD_CREDENTIAL ->
                    quiet(
                            403,
                            DataErrorCode.AUTHENTICATION_FAILED,
                            "the storage does not accept the credential");
            case NO_SPACE ->
                    logged(507, DataErrorCode.INSUFFICIENT_STORAGE, Words.NO_SPACE, "no space");
            case POISONED ->
                    logged(
                            409,
                            DataErrorCode.CONTAINER_POISONED,
                            "a sync of this buffer's container failed; it takes no more data until"
                                    + " the server is restarted",
                            String.valueOf(e.getMessage()));
            case DAMAGED -> ofDamage(e);
            case CLOSED -> quiet(503, DataErrorCode.SERVER_BUSY, Words.STOPPING);
            case UNAVAILABLE, THROTTLED, TIMED_OUT ->
                    logged(
                            503,
                            DataErrorCode.SERVER_BUSY,
                            "the storage does not answer; try again later",
                            "unavailable");
            case BROKEN_BODY, FAILED ->
                    logged(
                            502,
                            DataErrorCode.STORAGE_FAILED,
                            "the storage of the server failed; its log says how",
                            "failed");
        };
    }

    /** What was found damaged when it was read. */
    static StorageFault ofDamage(ForebayException e) {
        return logged(
                409,
                DataErrorCode.BLOB_DAMAGED,
                "the stored blob is damaged on the server; restore it from a backup",
                String.valueOf(e.getMessage()));
    }

    private static StorageFault quiet(int status, String code, String words) {
        return new StorageFault(status, code, words, Optional.empty());
    }

    private static StorageFault logged(int status, String code, String words, String state) {
        return new StorageFault(status, code, words, Optional.of(code + " " + state));
    }
}
