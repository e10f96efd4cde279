package dev.forebay.bench.datalog;

import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import dev.forebay.blobhttp.TlsTrust;
import dev.forebay.spot.proto.CommonError;
import dev.forebay.spot.proto.GetAuthTokenRequest;
import dev.forebay.spot.proto.GetAuthTokenResponse;
import dev.forebay.spot.proto.RequestHeader;
import dev.forebay.spot.proto.ResponseHeader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Function;

/**
 * A Java client of the services over gRPC: the JDK's HTTP/2 client, one connection over TLS, a
 * message of Protocol Buffers in each call. Safe for use by many threads.
 */
final class LogCalls implements AutoCloseable {
    /** In front of a message: whether it is compressed, and its length. */
    private static final int PREFIX = 1 + Integer.BYTES;

    private static final int OK = 200;

    private final URI server;
    private final HttpClient http;
    private volatile String token = "None";

    LogCalls(URI server, TlsTrust trust, String user, String password)
            throws IOException, InterruptedException {
        this.server = server;
        http =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_2)
                        .sslContext(trust.context())
                        .build();
        token =
                call(
                                "AuthService/GetAuthToken",
                                GetAuthTokenRequest.newBuilder()
                                        .setHeader(header())
                                        .setUsername(user)
                                        .setPassword(password)
                                        .build(),
                                GetAuthTokenResponse.parser(),
                                GetAuthTokenResponse::getHeader,
                                _ -> List.of())
                        .getToken();
    }

    String token() {
        return token;
    }

    static RequestHeader header() {
        return RequestHeader.newBuilder().setClientName("bench").build();
    }

    /**
     * Makes a call, and demands that its answer says OK and refuses no entry.
     *
     * @param errors what the answer names of refused entries
     */
    <R extends Message> R call(
            String method,
            Message request,
            Parser<R> parser,
            Function<R, ResponseHeader> header,
            ErrorsOf<R> errors)
            throws IOException, InterruptedException {
        byte[] message = request.toByteArray();
        ByteBuffer body = ByteBuffer.allocate(PREFIX + message.length);
        body.put((byte) 0).putInt(message.length).put(message);
        HttpResponse<byte[]> response =
                http.send(
                        HttpRequest.newBuilder(server.resolve("/bosdyn.api." + method))
                                .header("Content-Type", "application/grpc")
                                .header("TE", "trailers")
                                .header("Authorization", "Bearer " + token)
                                .POST(BodyPublishers.ofByteArray(body.array()))
                                .build(),
                        BodyHandlers.ofByteArray());
        byte[] answer = response.body();
        if (response.statusCode() != OK || answer.length < PREFIX) {
            throw new IOException(
                    "%s was answered with %d and %s"
                            .formatted(method, response.statusCode(), response.headers().map()));
        }
        R parsed =
                parser.parseFrom(ByteBuffer.wrap(answer, PREFIX, answer.length - PREFIX).slice());
        CommonError error = header.apply(parsed).getError();
        if (error.getCode() != CommonError.Code.CODE_OK || !errors.of(parsed).isEmpty()) {
            throw new IOException("%s failed: %s".formatted(method, parsed));
        }
        return parsed;
    }

    /** What an answer names of refused entries. */
    interface ErrorsOf<R> {
        List<?> of(R answer);
    }

    @Override
    public void close() {
        http.shutdownNow();
        http.close();
    }
}
