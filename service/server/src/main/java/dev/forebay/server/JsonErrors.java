package dev.forebay.server;

import dev.forebay.base.NotEnoughMemoryException;
import dev.forebay.blob.ContainerException;
import dev.forebay.control.ControlException;
import dev.forebay.run.NoSuchRunException;
import dev.forebay.run.RunRefusedException;
import dev.forebay.wire.control.ControlErrorCode;
import java.util.Optional;

/** The errors of the control plane, and of every request that has no face: JSON with a sentence. */
final class JsonErrors {
    private JsonErrors() {}

    static ErrorAnswer of(Throwable fault) {
        return switch (fault) {
            case Refusal e -> ErrorAnswer.of(e.status(), e.body());
            case ControlException e -> ofCatalogue(e);
            case RunRefusedException e -> of(Refusal.invalidInput(String.valueOf(e.getMessage())));
            case NoSuchRunException _ -> of(Refusal.notFound());
            case ContainerException e -> {
                StorageFault storage = StorageFault.of(e);
                yield ErrorAnswer.of(storage.status(), storage.code(), storage.words())
                        .logged(storage.state());
            }
            case MalformedRequest e ->
                    ErrorAnswer.of(
                            e.status(),
                            e.status() < 500 || e.status() == 501 || e.status() == 505
                                    ? ControlErrorCode.BAD_REQUEST
                                    : ControlErrorCode.SERVER_BUSY,
                            String.valueOf(e.getMessage()));
            case NotEnoughMemoryException _, OutOfMemoryError _ ->
                    ErrorAnswer.of(503, ControlErrorCode.SERVER_BUSY, Words.NO_MEMORY)
                            .logged(Optional.of("no memory"));
            default -> ErrorAnswer.of(500, ControlErrorCode.INTERNAL_ERROR, Words.FAULT);
        };
    }

    private static ErrorAnswer ofCatalogue(ControlException e) {
        String said = String.valueOf(e.getMessage());
        return switch (e.kind()) {
            case NOT_FOUND -> of(Refusal.notFound());
            case INVALID -> of(Refusal.invalidInput(said));
            case PRECONDITION -> ErrorAnswer.of(412, ControlErrorCode.PRECONDITION_FAILED, said);
            case NO_SPACE ->
                    ErrorAnswer.of(507, ControlErrorCode.INSUFFICIENT_STORAGE, Words.NO_SPACE)
                            .logged(Optional.of("catalogue no space"));
            case UNAVAILABLE ->
                    ErrorAnswer.of(
                                    500,
                                    ControlErrorCode.INTERNAL_ERROR,
                                    "the catalogue of the server failed; its log says how")
                            .logged(Optional.of("catalogue unavailable"));
        };
    }
}
