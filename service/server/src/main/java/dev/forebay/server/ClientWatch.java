package dev.forebay.server;

import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * Watches for a client that goes away during its request, or went before the watch began. Closing
 * it ends the watch; the action may be running then. <b>Limit.</b> The beginning of an HTTP/2
 * request's body is lost. Safe for use by many threads; never blocks.
 */
final class ClientWatch implements AutoCloseable {
    private final AtomicReference<@Nullable Runnable> action;
    private final @Nullable WatchedEndPoint endPoint;

    private ClientWatch(Runnable action, @Nullable WatchedEndPoint endPoint) {
        this.action = new AtomicReference<>(action);
        this.endPoint = endPoint;
    }

    /**
     * Begins a watch. An HTTP/2 connection is always being read, and tells of a stream or
     * connection that ended by a failure. An HTTP/1 connection is not read while its request is
     * answered, so its end point has to look.
     */
    static ClientWatch begin(Request request, Runnable action) {
        boolean looks =
                request.getConnectionMetaData().getHttpVersion().getVersion()
                        < HttpVersion.HTTP_2.getVersion();
        ClientWatch watch = new ClientWatch(action, looks ? endPointOf(request) : null);
        request.addFailureListener(_ -> watch.gone());
        if (watch.endPoint != null) {
            watch.endPoint.watch(watch::gone);
        } else if (hasFailed(request)) {
            watch.gone();
        }
        return watch;
    }

    /** A listener is not told of an earlier failure, but a read returns it. */
    private static boolean hasFailed(Request request) {
        Content.Chunk chunk = request.read();
        if (chunk == null) {
            return false;
        }
        chunk.release();
        return Content.Chunk.isFailure(chunk);
    }

    /** The end point of the socket, below that of TLS. */
    private static @Nullable WatchedEndPoint endPointOf(Request request) {
        EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
        while (endPoint instanceof EndPoint.Wrapper wrapper) {
            endPoint = wrapper.unwrap();
        }
        return endPoint instanceof WatchedEndPoint watched ? watched : null;
    }

    private void gone() {
        Runnable taken = action.getAndSet(null);
        if (taken != null) {
            taken.run();
        }
    }

    @Override
    public void close() {
        action.set(null);
        if (endPoint != null) {
            endPoint.unwatch();
        }
    }
}
