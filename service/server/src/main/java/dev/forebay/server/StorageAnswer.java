package dev.forebay.server;

import dev.forebay.blob.ContainerException;
import dev.forebay.wire.ErrorCode;
import dev.forebay.wire.Headers;
import java.io.IOException;

/**
 * What a fault of the storage is on the data plane. Clients of the reference repeat a 500 or 503
 * for an hour, any other 5xx for a minute and a 4xx not at all; so 503 is only for what passes
 * soon, and what needs a person is a 4xx.
 */
record StorageAnswer(int status, String code) {
    static StorageAnswer of(ContainerException e) {
        return switch (e.fault()) {
            case MISSING_CONTAINER -> new StorageAnswer(404, ErrorCode.CONTAINER_NOT_FOUND);
            case BAD_REQUEST -> new StorageAnswer(400, ErrorCode.INVALID_BLOB_NAME);
            case NOT_PERMITTED ->
                    new StorageAnswer(403, ErrorCode.AUTHORIZATION_PERMISSION_MISMATCH);
            case BAD_CREDENTIAL -> new StorageAnswer(403, ErrorCode.AUTHENTICATION_FAILED);
            case NO_SPACE -> new StorageAnswer(507, "InsufficientStorage");
            // Until the server is restarted; trying again is no use.
            case POISONED -> new StorageAnswer(409, "ContainerPoisoned");
            case DAMAGED -> new StorageAnswer(409, "BlobDamaged");
            case CLOSED, UNAVAILABLE, THROTTLED, TIMED_OUT -> new StorageAnswer(503, "ServerBusy");
            case BROKEN_BODY, FAILED -> new StorageAnswer(502, "StorageFailed");
        };
    }

    void send(Exchange exchange) throws IOException {
        exchange.with(Headers.ERROR_CODE, code).send(status);
    }
}
