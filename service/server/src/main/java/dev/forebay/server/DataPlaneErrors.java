package dev.forebay.server;

import dev.forebay.base.DamagedException;
import dev.forebay.base.NotEnoughMemoryException;
import dev.forebay.blob.ContainerException;
import dev.forebay.stream.BufferFailedException;
import dev.forebay.stream.BufferMissingException;
import dev.forebay.stream.TransferInterruptedException;
import dev.forebay.stream.UnsupportedFormatException;
import dev.forebay.wire.data.BlobHeaders;
import dev.forebay.wire.data.DataErrorCode;
import java.util.Optional;

/**
 * The errors of the data plane: a code in a header, and no body where clients of the reference know
 * the code. Others have a sentence too, in JSON.
 */
final class DataPlaneErrors {
    private DataPlaneErrors() {}

    static ErrorAnswer of(Throwable fault) {
        return switch (fault) {
            case DataPlaneRefusal e -> {
                ErrorAnswer answer =
                        e.words()
                                .map(words -> spoken(e.status(), e.code(), words))
                                .orElseGet(() -> coded(ErrorAnswer.empty(e.status()), e.code()));
                for (var header : e.headers().entrySet()) {
                    answer = answer.with(header.getKey(), header.getValue());
                }
                yield answer;
            }
            case Refusal e when e.status() == 413 ->
                    spoken(
                            413,
                            DataErrorCode.REQUEST_BODY_TOO_LARGE,
                            e.getMessage() + "; use smaller blocks");
            case ContainerException e -> ofStorage(StorageFault.of(e));
            case DamagedException e -> ofStorage(StorageFault.ofDamage(e));
            case BufferMissingException _ ->
                    coded(ErrorAnswer.empty(404), DataErrorCode.CONTAINER_NOT_FOUND);
            case BufferFailedException e ->
                    spoken(409, DataErrorCode.BUFFER_FAILED, String.valueOf(e.getMessage()));
            case UnsupportedFormatException e ->
                    spoken(409, DataErrorCode.BUFFER_FAILED, String.valueOf(e.getMessage()));
            case TransferInterruptedException _ ->
                    spoken(503, DataErrorCode.SERVER_BUSY, Words.STOPPING);
            case MalformedRequest e ->
                    coded(ErrorAnswer.empty(e.status()), ofMalformed(e.status()));
            case NotEnoughMemoryException _, OutOfMemoryError _ ->
                    spoken(503, DataErrorCode.SERVER_BUSY, Words.NO_MEMORY)
                            .logged(Optional.of("no memory"));
            case Refusal e -> JsonErrors.of(e);
            // 500 makes clients of the reference repeat the request for an hour, 502 for a minute.
            default -> spoken(502, DataErrorCode.STORAGE_FAILED, Words.FAULT);
        };
    }

    private static ErrorAnswer coded(ErrorAnswer answer, String code) {
        return answer.with(BlobHeaders.ERROR_CODE, code);
    }

    /** One with a sentence. */
    private static ErrorAnswer spoken(int status, String code, String words) {
        return coded(ErrorAnswer.of(status, code, words), code);
    }

    private static ErrorAnswer ofStorage(StorageFault fault) {
        ErrorAnswer answer =
                fault.state().isEmpty() && fault.status() < 500
                        ? ErrorAnswer.empty(fault.status())
                        : ErrorAnswer.of(fault.status(), fault.code(), fault.words());
        return coded(answer, fault.code()).logged(fault.state());
    }

    private static String ofMalformed(int status) {
        return switch (status) {
            case 408 -> DataErrorCode.OPERATION_TIMED_OUT;
            case 413 -> DataErrorCode.REQUEST_BODY_TOO_LARGE;
            case 414 -> DataErrorCode.INVALID_URI;
            case 431 -> DataErrorCode.INVALID_HEADER_VALUE;
            case 500, 502, 503 -> DataErrorCode.SERVER_BUSY;
            default -> DataErrorCode.INVALID_INPUT;
        };
    }
}
