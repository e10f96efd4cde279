package dev.forebay.server;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Passes gRPC calls to the gRPC handler of their listener, and every other request to the {@link
 * Front}. A call is known by its content type, {@code application/grpc} with any suffix. The
 * handlers start and stop with the server. Never blocks itself.
 */
final class GrpcSwitch extends Handler.Sequence {
    private static final String TYPE = "application/grpc";

    private final Front front;
    private final Map<Connector, Handler> grpc;

    GrpcSwitch(Front front, Map<Connector, Handler> grpc) {
        super(children(front, grpc));
        this.front = front;
        this.grpc = Map.copyOf(grpc);
    }

    private static List<Handler> children(Front front, Map<Connector, Handler> grpc) {
        return Stream.concat(Stream.of(front), new LinkedHashSet<>(grpc.values()).stream())
                .toList();
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        Handler handler = grpc.get(request.getConnectionMetaData().getConnector());
        return handler != null && isCall(request)
                ? handler.handle(request, response, callback)
                : front.handle(request, response, callback);
    }

    private static boolean isCall(Request request) {
        String type = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
        return type != null && type.toLowerCase(Locale.ROOT).startsWith(TYPE);
    }
}
