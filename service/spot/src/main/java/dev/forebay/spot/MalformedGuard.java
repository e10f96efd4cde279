package dev.forebay.spot;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.HashMap;
import java.util.Map;

/**
 * Refuses a request whose bytes are not a message of its type; gRPC alone would call that an error
 * of the application. Used by many threads; does not block.
 */
final class MalformedGuard implements ServerInterceptor {
    /** The full name of the message that each method takes, by the full name of the method. */
    private final Map<String, String> messages;

    private MalformedGuard(Map<String, String> messages) {
        this.messages = messages;
    }

    /** The same service behind a guard. */
    static ServerServiceDefinition around(ServerServiceDefinition service) {
        Map<String, String> messages = new HashMap<>();
        service.getMethods()
                .forEach(method ->
                        messages.put(
                                method.getMethodDescriptor().getFullMethodName(),
                                Messages.requestOf(method.getMethodDescriptor())
                                        .getDescriptorForType()
                                        .getFullName()));
        // The bytes become a message inside the guard, not before it.
        return ServerInterceptors.intercept(
                ServerInterceptors.useInputStreamMessages(service), new MalformedGuard(messages));
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
            private boolean refused;

            @Override
            public void onMessage(Q message) {
                try {
                    super.onMessage(message);
                } catch (StatusRuntimeException e) {
                    if (!(e.getCause() instanceof InvalidProtocolBufferException cause)) {
                        throw e;
                    }
                    refused = true;
                    call.close(
                            Status.INVALID_ARGUMENT.withDescription(
                                    "the request is not a %s message: %s"
                                            .formatted(
                                                    messages.get(
                                                            call.getMethodDescriptor()
                                                                    .getFullMethodName()),
                                                    cause.getMessage())),
                            new Metadata());
                }
            }

            @Override
            public void onHalfClose() {
                if (!refused) {
                    super.onHalfClose();
                }
            }
        };
    }
}
