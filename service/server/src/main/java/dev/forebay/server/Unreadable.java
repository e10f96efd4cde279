package dev.forebay.server;

import dev.forebay.wire.Headers;
import dev.forebay.wire.Json;
import dev.forebay.wire.control.ControlErrorCode;
import dev.forebay.wire.control.ErrorBody;
import dev.forebay.wire.data.BlobHeaders;
import dev.forebay.wire.data.DataErrorCode;

import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;

import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Answers what never became a request, or ceased to be one in its body: named as every answer is,
 * in the form of the plane that was asked. Of the input nothing is repeated but what is plain text.
 * Never blocks.
 */
final class Unreadable implements Request.Handler {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9 .,:;=/_-]{1,100}");
    private static final Pattern DATA_PLANE = Pattern.compile("(/v1)?/containers(/.*)?");

    private final int largestHeaders;

    /** With what the server allows, in bytes, for what it says of more. */
    Unreadable(int largestHeaders) {
        this.largestHeaders = largestHeaders;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        int status = response.getStatus();
        var headers = response.getHeaders();
        if (!headers.contains(Headers.REQUEST_ID)) {
            headers.put(Headers.REQUEST_ID, UUID.randomUUID().toString());
        }
        String path = request.getHttpURI().getPath();
        boolean empty = request.getMethod().equals("HEAD");
        if (path != null && DATA_PLANE.matcher(path).matches()) {
            headers.put(BlobHeaders.ERROR_CODE, storageCode(status));
            empty = true;
        }
        byte[] body =
                Json.write(ErrorBody.of(ControlErrorCode.BAD_REQUEST, message(request, status)));
        if (empty) {
            headers.put(HttpHeader.CONTENT_LENGTH, 0);
        } else {
            headers.put(HttpHeader.CONTENT_TYPE, "application/json; charset=utf-8");
            headers.put(HttpHeader.CONTENT_LENGTH, body.length);
        }
        response.write(true, empty ? BufferUtil.EMPTY_BUFFER : ByteBuffer.wrap(body), callback);
        return true;
    }

    private static String storageCode(int status) {
        return switch (status) {
            case 408 -> DataErrorCode.OPERATION_TIMED_OUT;
            case 413 -> DataErrorCode.REQUEST_BODY_TOO_LARGE;
            case 414 -> DataErrorCode.INVALID_URI;
            case 431 -> DataErrorCode.INVALID_HEADER_VALUE;
            default -> DataErrorCode.INVALID_INPUT;
        };
    }

    private String message(Request request, int status) {
        String reason = String.valueOf(request.getAttribute(ErrorHandler.ERROR_MESSAGE));
        String plain = PLAIN.matcher(reason).matches() ? " (" + reason + ")" : "";
        return switch (status) {
            case 408 -> "the request did not go on within the idle time; send it again";
            case 414, 431 ->
                    "the request line and the headers are larger than the limit of "
                            + largestHeaders
                            + " bytes";
            case 417 -> "expected nothing but 100-continue in the header Expect";
            case 501 -> "expected a body as it is or with Transfer-Encoding: chunked" + plain;
            case 426, 505 -> "expected HTTP/1.1 or HTTP/1.0" + plain;
            default -> "the request is not well-formed HTTP/1.1" + plain;
        };
    }
}
