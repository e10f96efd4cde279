package dev.forebay.spot;

import dev.forebay.base.ForebayException;
import dev.forebay.datalog.DataLogException;
import dev.forebay.spot.proto.CommonError;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The error that a client gets for a fault. A wrong request and a fault of the server are an error
 * code in the header of the answer, which stock clients raise as an exception. A missing right and
 * a busy server are a status of gRPC.
 */
final class Errors {
    private static final Logger LOG = LoggerFactory.getLogger(Errors.class);

    static final CommonError OK =
            CommonError.newBuilder().setCode(CommonError.Code.CODE_OK).build();

    private Errors() {}

    static CommonError invalid(String message) {
        return CommonError.newBuilder()
                .setCode(CommonError.Code.CODE_INVALID_REQUEST)
                .setMessage(message)
                .build();
    }

    static CommonError internal(String message) {
        return CommonError.newBuilder()
                .setCode(CommonError.Code.CODE_INTERNAL_SERVER_ERROR)
                .setMessage(message)
                .build();
    }

    /** The status of gRPC for a fault; empty if the fault becomes an error code in the header. */
    static Optional<Status> status(Throwable fault) {
        return switch (fault) {
            case StatusRuntimeException status -> Optional.of(status.getStatus());
            case StatusException status -> Optional.of(status.getStatus());
            case DataLogException log when log.fault() == DataLogException.Fault.CLOSED ->
                    Optional.of(
                            Status.UNAVAILABLE.withDescription(
                                    "the server is stopping; call again when it runs"));
            default -> Optional.empty();
        };
    }

    /** The error code and message for the header of a call that ended with a fault. */
    static CommonError of(String method, Throwable fault) {
        return switch (fault) {
            case InvalidRequestException invalid -> invalid(String.valueOf(invalid.getMessage()));
            case DataLogException log when log.fault() == DataLogException.Fault.INVALID ->
                    invalid(String.valueOf(log.getMessage()));
            case ForebayException known -> {
                LOG.warn("{}: {}", method, known.getMessage());
                yield internal(String.valueOf(known.getMessage()));
            }
            default -> {
                LOG.error("{} failed", method, fault);
                yield internal(
                        "%s failed (%s); the server's log says more"
                                .formatted(method, fault.getClass().getSimpleName()));
            }
        };
    }
}
