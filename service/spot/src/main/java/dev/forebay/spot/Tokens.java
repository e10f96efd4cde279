package dev.forebay.spot;

import dev.forebay.identity.Users;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Lets only calls through that carry the token of a user. <b>Limit.</b> A call under way goes on
 * when its token ends. Used by many threads; does not block.
 */
final class Tokens implements ServerInterceptor {
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final String SCHEME = "Bearer ";

    private final Users users;

    Tokens(Users users) {
        this.users = users;
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        Optional<String> token = of(headers.get(AUTHORIZATION));
        if (token.flatMap(users::userOf).isPresent()) {
            return next.startCall(call, headers);
        }
        call.close(
                Status.UNAUTHENTICATED.withDescription(
                        token.isEmpty()
                                ? "this service needs a user: log in with a password and send its"
                                        + " token as 'authorization: Bearer TOKEN'"
                                : "the token is not valid, or not any more; log in again"),
                new Metadata());
        return new ServerCall.Listener<>() {};
    }

    /** The token in the value of an {@code authorization} header. */
    static Optional<String> of(@Nullable String value) {
        return value != null && value.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                ? Optional.of(value.substring(SCHEME.length()).strip())
                : Optional.empty();
    }
}
