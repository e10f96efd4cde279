package dev.forebay.cli;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import dev.forebay.base.Reason;
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
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/**
 * Calls the services of a log over gRPC as the stock client does: HTTP/2 over TLS, a token in each
 * call. It knows calls with one request and one answer, and takes an answer whose header does not
 * say OK, or that names errors, for a failure. For one thread. Blocks for the server.
 */
final class SpotCalls implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /** In front of a message: whether it is compressed, and its length. */
    private static final int PREFIX = 1 + Integer.BYTES;

    private static final int OK = 200;
    private static final int HEADER = 1;

    private final URI server;
    private final HttpClient http;
    private String token = "None";

    /** The calls of a user, who is logged in here. */
    SpotCalls(URI server, TlsTrust trust, String user, String password)
            throws IOException, InterruptedException {
        this.server = server;
        http =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_2)
                        .sslContext(trust.context())
                        .connectTimeout(PATIENCE)
                        .build();
        GetAuthTokenResponse login =
                call(
                        "AuthService/GetAuthToken",
                        GetAuthTokenRequest.newBuilder()
                                .setHeader(header())
                                .setUsername(user)
                                .setPassword(password)
                                .build(),
                        GetAuthTokenResponse.parser());
        if (login.getStatus() != GetAuthTokenResponse.Status.STATUS_OK) {
            throw new IOException(
                    "%s did not let '%s' in: %s".formatted(server, user, login.getStatus()));
        }
        token = login.getToken();
    }

    /** What each call shows of the user; it outlives the server's process. */
    String token() {
        return token;
    }

    static RequestHeader header() {
        return RequestHeader.newBuilder().setClientName("forebay-demo").build();
    }

    /**
     * Calls a method, such as {@code AuthService/GetAuthToken}.
     *
     * @throws IOException if the server did not answer, or did not say OK; if it did not answer,
     *     whether it did what was asked is not known
     */
    <R extends Message> R call(String method, Message request, Parser<R> answer)
            throws IOException, InterruptedException {
        return call(method, request, answer, () -> {});
    }

    /** Makes the call of a step. */
    void send(LogReplay.Step step) throws IOException, InterruptedException {
        send(step, () -> {});
    }

    /** Makes the call of a step, and runs {@code meanwhile} while it is under way. */
    void send(LogReplay.Step step, Runnable meanwhile) throws IOException, InterruptedException {
        call("DataBufferService/" + step.method(), step.request(), step.answer(), meanwhile);
    }

    private <R extends Message> R call(
            String method, Message request, Parser<R> answer, Runnable meanwhile)
            throws IOException, InterruptedException {
        byte[] message = request.toByteArray();
        ByteBuffer body = ByteBuffer.allocate(PREFIX + message.length);
        body.put((byte) 0).putInt(message.length).put(message);
        HttpRequest post =
                HttpRequest.newBuilder(server.resolve("/bosdyn.api." + method))
                        .timeout(PATIENCE)
                        .header("Content-Type", "application/grpc")
                        .header("TE", "trailers")
                        .header("Authorization", "Bearer " + token)
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body.array()))
                        .build();
        Future<HttpResponse<byte[]>> response =
                http.sendAsync(post, HttpResponse.BodyHandlers.ofByteArray());
        meanwhile.run();
        R parsed = answer.parseFrom(message(method, answered(response)));
        demandSuccess(method, parsed);
        return parsed;
    }

    private HttpResponse<byte[]> answered(Future<HttpResponse<byte[]>> response)
            throws IOException, InterruptedException {
        try {
            return response.get();
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IOException(
                    "%s did not answer: %s".formatted(server, Reason.of(cause)), cause);
        }
    }

    private byte[] message(String method, HttpResponse<byte[]> response) throws IOException {
        byte[] body = response.body();
        boolean whole =
                body.length >= PREFIX
                        && body[0] == 0
                        && ByteBuffer.wrap(body).getInt(1) == body.length - PREFIX;
        if (response.statusCode() != OK || !whole) {
            throw new IOException(
                    "%s answered %s without a message: status %d, gRPC status %s, %s"
                            .formatted(
                                    server,
                                    method,
                                    response.statusCode(),
                                    response.headers().firstValue("grpc-status").orElse("none"),
                                    response.headers()
                                            .firstValue("grpc-message")
                                            .orElse("nothing more")));
        }
        return Arrays.copyOfRange(body, PREFIX, body.length);
    }

    private static void demandSuccess(String method, Message answer) throws IOException {
        FieldDescriptor field = answer.getDescriptorForType().findFieldByNumber(HEADER);
        CommonError error = ((ResponseHeader) answer.getField(field)).getError();
        if (error.getCode() != CommonError.Code.CODE_OK) {
            throw new IOException(
                    "%s failed: %s, %s".formatted(method, error.getCode(), error.getMessage()));
        }
        FieldDescriptor errors = answer.getDescriptorForType().findFieldByName("errors");
        if (errors != null && answer.getRepeatedFieldCount(errors) > 0) {
            throw new IOException(
                    "%s refused entries, first: %s"
                            .formatted(method, answer.getRepeatedField(errors, 0)));
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
        http.close();
    }
}
