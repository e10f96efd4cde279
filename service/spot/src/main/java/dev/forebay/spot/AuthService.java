package dev.forebay.spot;

import dev.forebay.identity.Login;
import dev.forebay.identity.Users;
import dev.forebay.spot.proto.AuthServiceGrpc.AuthServiceImplBase;
import dev.forebay.spot.proto.GetAuthTokenRequest;
import dev.forebay.spot.proto.GetAuthTokenResponse;
import dev.forebay.spot.proto.GetAuthTokenResponse.Status;
import io.grpc.stub.StreamObserver;

/** Gives a token for a password, or for a token that is still valid. */
final class AuthService extends AuthServiceImplBase {
    private final Users users;

    AuthService(Users users) {
        this.users = users;
    }

    @Override
    public void getAuthToken(
            GetAuthTokenRequest request, StreamObserver<GetAuthTokenResponse> answer) {
        GetAuthTokenResponse.Builder response = GetAuthTokenResponse.newBuilder();
        if (!request.getUsername().isEmpty()) {
            byPassword(request, response);
        } else if (!request.getToken().isEmpty()) {
            users.refresh(request.getToken())
                    .ifPresentOrElse(
                            fresh -> granted(response, fresh),
                            () -> response.setStatus(Status.STATUS_INVALID_TOKEN));
        } else {
            throw new InvalidRequestException(
                    "the request has no username and no token; set a username and its password, or"
                            + " a token to renew");
        }
        answer.onNext(response.build());
        answer.onCompleted();
    }

    private void byPassword(GetAuthTokenRequest request, GetAuthTokenResponse.Builder response) {
        switch (users.login(
                request.getUsername(), request.getPassword(), Call.current().source())) {
            case Login.Granted granted -> granted(response, granted);
            case Login.WrongPassword _ -> response.setStatus(Status.STATUS_INVALID_LOGIN);
            case Login.LockedOut _ -> response.setStatus(Status.STATUS_TEMPORARILY_LOCKED_OUT);
            case Login.Busy _ ->
                    throw io.grpc.Status.UNAVAILABLE
                            .withDescription(
                                    "429: too many passwords are being checked; try again in a few"
                                            + " seconds")
                            .asRuntimeException();
        }
    }

    private static void granted(GetAuthTokenResponse.Builder response, Login.Granted login) {
        response.setStatus(Status.STATUS_OK).setToken(login.token());
    }
}
