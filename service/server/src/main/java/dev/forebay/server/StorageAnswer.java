package dev.forebay.server;

import dev.forebay.blob.ContainerException;
import dev.forebay.wire.data.BlobHeaders;
import dev.forebay.wire.data.DataErrorCode;

import java.io.IOException;

/**
 * What a fault of the storage is on the data plane. Clients of the reference repeat a 500 or 503
 * for an hour, any other 5xx for a minute and a 4xx not at all; so 503 is only for what passes
 * soon, and what needs a person is a 4xx.
 */
record StorageAnswer(int status, String code) {
    static StorageAnswer of(ContainerException e) {
        return switch (e.fault()) {
            case MISSING_CONTAINER -> new StorageAnswer(404, DataErrorCode.CONTAINER_NOT_FOUND);
            case BAD_REQUEST -> new StorageAnswer(400, DataErrorCode.INVALID_BLOB_NAME);
            case NOT_PERMITTED ->
                    new StorageAnswer(403, DataErrorCode.AUTHORIZATION_PERMISSION_MISMATCH);
            case BAD_CREDENTIAL -> new StorageAnswer(403, DataErrorCode.AUTHENTICATION_FAILED);
            case NO_SPACE -> new StorageAnswer(507, DataErrorCode.INSUFFICIENT_STORAGE);
            // Until the server is restarted; trying again is no use.
            case POISONED -> new StorageAnswer(409, DataErrorCode.CONTAINER_POISONED);
            case DAMAGED -> new StorageAnswer(409, DataErrorCode.BLOB_DAMAGED);
            case CLOSED, UNAVAILABLE, THROTTLED, TIMED_OUT ->
                    new StorageAnswer(503, DataErrorCode.SERVER_BUSY);
            case BROKEN_BODY, FAILED -> new StorageAnswer(502, DataErrorCode.STORAGE_FAILED);
        };
    }

    void send(Exchange exchange) throws IOException {
        exchange.with(BlobHeaders.ERROR_CODE, code).send(status);
    }
}
