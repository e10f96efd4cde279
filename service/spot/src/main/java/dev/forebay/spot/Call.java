package dev.forebay.spot;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.forebay.base.Clock;
import dev.forebay.spot.proto.CommonError;
import dev.forebay.spot.proto.RequestHeader;
import dev.forebay.spot.proto.ResponseHeader;
import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Grpc;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Instant;
import java.util.regex.Pattern;

/**
 * A call that is being answered. Its header comes with its first message; from then on any thread
 * may read it.
 */
final class Call {
    private static final Context.Key<Call> CURRENT = Context.key("forebay-call");

    /** What the Spot SDK puts behind the name of program and machine: script and process. */
    private static final Pattern PROCESS = Pattern.compile(":[^:]*-\\d+$");

    private static final int HEADER = 1;

    private final Clock clock;
    private final Attributes attributes;
    private final Instant received;
    private volatile RequestHeader header = RequestHeader.getDefaultInstance();

    Call(Clock clock, Attributes attributes) {
        this.clock = clock;
        this.attributes = attributes;
        received = clock.wall();
    }

    /** The call that the current thread answers. */
    static Call current() {
        Call call = CURRENT.get();
        if (call == null) {
            throw new IllegalStateException("no call is being answered by this thread");
        }
        return call;
    }

    /** The context in which {@link #current} is this call. */
    Context context() {
        return Context.current().withValue(CURRENT, this);
    }

    /** Notes the header of a request. */
    void request(Message request) {
        header = headerOf(request);
    }

    static RequestHeader headerOf(Message request) {
        FieldDescriptor field = request.getDescriptorForType().findFieldByNumber(HEADER);
        return (RequestHeader) request.getField(field);
    }

    RequestHeader header() {
        return header;
    }

    /** Who calls: the client's name without script and process, which differ from run to run. */
    String client() {
        return clientOf(header);
    }

    static String clientOf(RequestHeader header) {
        return PROCESS.matcher(header.getClientName()).replaceFirst("");
    }

    /** The address from which the call came, without its port. */
    String source() {
        SocketAddress from = attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        return from instanceof InetSocketAddress address
                ? address.getHostString()
                : String.valueOf(from);
    }

    /** The header of an answer that is sent now. */
    ResponseHeader answer(CommonError error) {
        return ResponseHeader.newBuilder()
                .setRequestHeader(header)
                .setRequestReceivedTimestamp(Times.of(received))
                .setResponseTimestamp(Times.of(clock.wall()))
                .setError(error)
                .build();
    }

    /** The message with its header; a message that can have none, such as a chunk, as it is. */
    Message answered(Message response) {
        FieldDescriptor field = response.getDescriptorForType().findFieldByNumber(HEADER);
        if (!isHeader(field)) {
            return response;
        }
        ResponseHeader given = (ResponseHeader) response.getField(field);
        CommonError error = given.hasError() ? given.getError() : Errors.OK;
        return response.toBuilder().setField(field, answer(error)).build();
    }

    /** The answer to a request that failed; {@code empty} is a response of its method. */
    Message failed(Message empty, CommonError error) {
        FieldDescriptor field = empty.getDescriptorForType().findFieldByNumber(HEADER);
        return empty.toBuilder().setField(field, answer(error)).build();
    }

    static boolean isHeader(FieldDescriptor field) {
        return field.getType() == FieldDescriptor.Type.MESSAGE
                && field.getMessageType().equals(ResponseHeader.getDescriptor());
    }
}
