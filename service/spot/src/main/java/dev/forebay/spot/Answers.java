package dev.forebay.spot;

import com.google.protobuf.Message;
import dev.forebay.base.Clock;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.Optional;

/**
 * Gives every answer its header, and every fault an answer.
 *
 * <p><b>Guarantee.</b> Each answer whose message has a header echoes the header of its request and
 * says when the request came, when the answer went, and OK or an error. Whatever a service throws,
 * its client gets an answer or a status; an {@link Error} is thrown on after that.
 *
 * <p>Used by many threads; does not block.
 */
final class Answers implements ServerInterceptor {
    private final Clock clock;

    Answers(Clock clock) {
        this.clock = clock;
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        Call current = new Call(clock, call.getAttributes());
        Filling<Q, R> filling = new Filling<>(call, current);
        Context context = current.context();
        ServerCall.Listener<Q> service = Contexts.interceptCall(context, filling, headers, next);
        return new SimpleForwardingServerCallListener<>(service) {
            @Override
            public void onMessage(Q message) {
                current.request((Message) message);
                guarded(() -> super.onMessage(message));
            }

            @Override
            public void onHalfClose() {
                guarded(super::onHalfClose);
            }

            private void guarded(Runnable work) {
                try {
                    work.run();
                } catch (Exception e) {
                    filling.fail(e);
                } catch (Error e) {
                    filling.fail(e);
                    throw e;
                }
            }
        };
    }

    /** Fills the header of each message that goes out. */
    private static final class Filling<Q, R> extends SimpleForwardingServerCall<Q, R> {
        private final Call current;
        private boolean headersSent;
        private boolean messageSent;
        private boolean closed;

        Filling(ServerCall<Q, R> call, Call current) {
            super(call);
            this.current = current;
        }

        @Override
        public void sendHeaders(Metadata headers) {
            headersSent = true;
            super.sendHeaders(headers);
        }

        @Override
        @SuppressWarnings("unchecked") // The type of the message does not change.
        public void sendMessage(R message) {
            messageSent = true;
            super.sendMessage((R) current.answered((Message) message));
        }

        @Override
        public void close(Status status, Metadata trailers) {
            closed = true;
            super.close(status, trailers);
        }

        /** Ends the call with what the client is to hear of {@code fault}. */
        void fail(Throwable fault) {
            if (closed) {
                return;
            }
            String method = getMethodDescriptor().getFullMethodName();
            Optional<Status> status = Errors.status(fault);
            Message empty = Messages.responseOf(getMethodDescriptor());
            boolean canSay = Call.isHeader(empty.getDescriptorForType().findFieldByNumber(1));
            if (status.isPresent() || messageSent || !canSay) {
                close(
                        status.orElseGet(() ->
                                Status.INTERNAL.withDescription(
                                        Errors.of(method, fault).getMessage())),
                        new Metadata());
                return;
            }
            answer(current.failed(empty, Errors.of(method, fault)));
        }

        @SuppressWarnings("unchecked") // It was made from the prototype of this type.
        private void answer(Message message) {
            if (!headersSent) {
                sendHeaders(new Metadata());
            }
            super.sendMessage((R) message);
            close(Status.OK, new Metadata());
        }
    }
}
