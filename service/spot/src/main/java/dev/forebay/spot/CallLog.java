package dev.forebay.spot;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.forebay.base.Durability;
import dev.forebay.datalog.DataLog;
import dev.forebay.datalog.DataLogException;
import dev.forebay.datalog.Entry;
import dev.forebay.spot.proto.GetAuthTokenRequest;
import dev.forebay.spot.proto.GetAuthTokenResponse;
import dev.forebay.spot.proto.RequestHeader;
import dev.forebay.spot.proto.ResponseHeader;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the requests and the answers of the services in the log itself.
 *
 * <p><b>Guarantee.</b> Fields of bytes are left out. Of a log-in only the user and the status are
 * kept, never a password or a token. A call whose header says {@code disable_rpc_logging} is not
 * kept. A fault of the log stops no call.
 *
 * <p><b>Limit.</b> Of a stream only the first message is kept, and of a message of more than
 * {@value #MOST_BYTES} bytes only the header. Calls that record are counted by {@link
 * RecordCounts}. Calls without a user are not kept where one is needed, and elsewhere up to a
 * {@link CallLimit}.
 *
 * <p>Used by many threads; blocks for the disk before an answer goes out.
 */
final class CallLog implements ServerInterceptor {
    private static final Logger LOG = LoggerFactory.getLogger(CallLog.class);
    private static final int MOST_BYTES = 64 << 10;
    private static final int HEADER = 1;

    private final DataLog log;
    private final Service service;

    /** For calls that need no user. */
    private final CallLimit strangers;

    /** Whether the log failed when it was last used. */
    private final AtomicBoolean failing = new AtomicBoolean();

    CallLog(DataLog log, Service service, CallLimit strangers) {
        this.log = log;
        this.service = service;
        this.strangers = strangers;
    }

    /** What is known of one call, which is used by one thread at a time. */
    private static final class Kept {
        private @Nullable Message request;
        private boolean answered;
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        Kept kept = new Kept();
        ServerCall<Q, R> watched =
                new SimpleForwardingServerCall<>(call) {
                    @Override
                    public void sendMessage(R message) {
                        Message request = kept.request;
                        if (request != null && !kept.answered) {
                            kept.answered = true;
                            keep(request, (Message) message);
                        }
                        super.sendMessage(message);
                    }
                };
        return new SimpleForwardingServerCallListener<>(next.startCall(watched, headers)) {
            @Override
            public void onMessage(Q message) {
                if (kept.request == null) {
                    kept.request = (Message) message;
                }
                super.onMessage(message);
            }
        };
    }

    private void keep(Message request, Message response) {
        RequestHeader header = Call.headerOf(request);
        if (header.getDisableRpcLogging() || !service.needsUser() && !strangers.admits()) {
            return;
        }
        String client = Call.clientOf(header);
        List<Entry> entries = new ArrayList<>();
        OptionalLong sent =
                header.hasRequestTimestamp()
                        ? Times.known(header.getRequestTimestamp())
                        : OptionalLong.empty();
        entries.add(entry(false, sent, client, stripped(request)));
        FieldDescriptor field = response.getDescriptorForType().findFieldByNumber(HEADER);
        if (Call.isHeader(field)) {
            ResponseHeader answer = (ResponseHeader) response.getField(field);
            OptionalLong answered = Times.known(answer.getResponseTimestamp());
            entries.add(entry(true, answered, client, stripped(response)));
        }
        try {
            log.record(entries, Durability.WRITTEN);
            failing.set(false);
        } catch (DataLogException e) {
            if (!failing.getAndSet(true)) {
                LOG.warn("calls are not kept (logged once while it lasts): {}", e.getMessage());
            }
        }
    }

    private Entry entry(boolean answer, OptionalLong nanos, String client, Message message) {
        return new Entry.Call(
                answer,
                nanos,
                service.directoryName(),
                message.getDescriptorForType().getFullName(),
                client,
                ByteBuffer.wrap(message.toByteArray()));
    }

    private static Message stripped(Message message) {
        return switch (message) {
            case GetAuthTokenRequest login ->
                    GetAuthTokenRequest.newBuilder()
                            .setHeader(login.getHeader())
                            .setUsername(login.getUsername())
                            .build();
            case GetAuthTokenResponse login ->
                    GetAuthTokenResponse.newBuilder()
                            .setHeader(login.getHeader())
                            .setStatus(login.getStatus())
                            .build();
            default -> bounded(withoutBytes(message));
        };
    }

    private static Message withoutBytes(Message message) {
        Message.Builder less = message.toBuilder();
        message.getAllFields()
                .forEach((field, value) -> {
                    if (field.getType() == FieldDescriptor.Type.BYTES) {
                        less.clearField(field);
                    } else if (field.getType() == FieldDescriptor.Type.MESSAGE) {
                        if (field.isRepeated()) {
                            List<?> all = (List<?>) value;
                            for (int i = 0; i < all.size(); i++) {
                                less.setRepeatedField(field, i, withoutBytes((Message) all.get(i)));
                            }
                        } else {
                            less.setField(field, withoutBytes((Message) value));
                        }
                    }
                });
        return less.build();
    }

    private static Message bounded(Message message) {
        if (message.getSerializedSize() <= MOST_BYTES) {
            return message;
        }
        FieldDescriptor header = message.getDescriptorForType().findFieldByNumber(HEADER);
        return message.toBuilder().clear().setField(header, message.getField(header)).build();
    }
}
