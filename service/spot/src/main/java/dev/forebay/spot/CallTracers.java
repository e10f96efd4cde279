package dev.forebay.spot;

import dev.forebay.base.Clock;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.util.Set;

/** Tells a listener of each call when it is over. */
final class CallTracers extends ServerStreamTracer.Factory {
    private static final String OTHER = "other";

    private final Set<String> served;
    private final Clock clock;
    private final CallListener listener;

    /** For calls of these methods; those of others have one name together. */
    CallTracers(Set<String> served, Clock clock, CallListener listener) {
        this.served = Set.copyOf(served);
        this.clock = clock;
        this.listener = listener;
        this.served.forEach(listener::serves);
        listener.serves(OTHER);
    }

    @Override
    public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
        String known = served.contains(method) ? method : OTHER;
        long began = clock.nanos();
        return new ServerStreamTracer() {
            @Override
            public void streamClosed(Status status) {
                listener.ended(known, status.getCode().name(), clock.nanos() - began);
            }
        };
    }
}
