package dev.forebay.server;

import dev.forebay.wire.Headers;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;

/**
 * Answers a request that the HTTP library refused before the {@link Front} saw it, or whose body
 * broke. The answer has a {@code Request-Id} and the form of the face that was asked. Of the input
 * only plain text is repeated. Never blocks.
 */
final class MalformedRequestHandler implements Request.Handler {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9 .,:;=/_-]{1,100}");

    private final int largestHeaders;
    private final BiFunction<Request, Throwable, ErrorAnswer> renderer;

    /**
     * @param largestHeaders what the server allows, in bytes, for messages
     * @param renderer the form of the face that was asked
     */
    MalformedRequestHandler(
            int largestHeaders, BiFunction<Request, Throwable, ErrorAnswer> renderer) {
        this.largestHeaders = largestHeaders;
        this.renderer = renderer;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        int status = response.getStatus();
        ErrorAnswer answer =
                renderer.apply(request, new MalformedRequest(status, message(request, status)));
        var headers = response.getHeaders();
        if (!headers.contains(Headers.REQUEST_ID)) {
            headers.put(Headers.REQUEST_ID, UUID.randomUUID().toString());
        }
        answer.headers().forEach(headers::put);
        byte[] body = request.getMethod().equals("HEAD") ? new byte[0] : answer.body();
        if (body.length > 0) {
            headers.put(HttpHeader.CONTENT_TYPE, answer.contentType());
        }
        headers.put(HttpHeader.CONTENT_LENGTH, body.length);
        response.write(
                true, body.length == 0 ? BufferUtil.EMPTY_BUFFER : ByteBuffer.wrap(body), callback);
        return true;
    }

    private String message(Request request, int status) {
        String reason = String.valueOf(request.getAttribute(ErrorHandler.ERROR_MESSAGE));
        String plain = PLAIN.matcher(reason).matches() ? " (" + reason + ")" : "";
        return switch (status) {
            case 408 -> "the request did not go on within the idle time; send it again";
            case 414, 431 ->
                    "the request line and the headers are larger than the limit of %d bytes"
                            .formatted(largestHeaders);
            case 417 -> "expected nothing but 100-continue in the header Expect";
            case 426, 505 -> "expected HTTP/1.1 or HTTP/1.0" + plain;
            case 500 -> Words.FAULT;
            case 501 -> "expected a body as it is or with Transfer-Encoding: chunked" + plain;
            case 503 -> Words.STOPPING;
            default -> "the request is not well-formed HTTP/1.1" + plain;
        };
    }
}
