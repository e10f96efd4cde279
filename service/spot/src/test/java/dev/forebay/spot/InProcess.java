package dev.forebay.spot;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.datalog.DataLog;
import dev.forebay.datalog.DataLogSettings;
import dev.forebay.identity.Login;
import dev.forebay.identity.Users;
import io.grpc.CallCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.AbstractStub;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * The services over a log on a disk of a test, without a network, with one user who is logged in.
 */
final class InProcess implements AutoCloseable {
    static final Path FOLDER = Path.of("/log");
    static final String USER = "operator";
    static final String PASSWORD = "a password for tests";
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    final DataLog log;
    final Users users;
    final String token;
    private final SpotServices services;
    private final Server server;
    private final ManagedChannel channel;

    InProcess(Disk disk, Clock clock, boolean keepCalls) throws IOException {
        log = DataLog.open(disk, clock, FOLDER, DataLogSettings.defaults());
        users = Users.open(disk, clock, Path.of("/keys"));
        users.add(USER, PASSWORD);
        token = ((Login.Granted) users.login(USER, PASSWORD, "here")).token();
        services = new SpotServices(log, users, new Robot("serial", "nick"), clock, keepCalls);
        String name = UUID.randomUUID().toString();
        server =
                InProcessServerBuilder.forName(name)
                        .directExecutor()
                        .addServices(services.ofUsers())
                        .addServices(services.ofStrangers())
                        .build()
                        .start();
        channel = InProcessChannelBuilder.forName(name).directExecutor().build();
    }

    ManagedChannel channel() {
        return channel;
    }

    /** The stub with the token of the user. */
    <S extends AbstractStub<S>> S loggedIn(S stub) {
        return with(stub, token);
    }

    <S extends AbstractStub<S>> S with(S stub, String bearer) {
        return stub.withDeadlineAfter(PATIENCE).withCallCredentials(new Bearer(bearer));
    }

    private static final class Bearer extends CallCredentials {
        private final String token;

        Bearer(String token) {
            this.token = token;
        }

        @Override
        public void applyRequestMetadata(
                RequestInfo info, Executor executor, MetadataApplier applier) {
            Metadata headers = new Metadata();
            headers.put(
                    Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
                    "Bearer " + token);
            applier.apply(headers);
        }
    }

    /** Ends the services; the log stays open. */
    void stop() throws InterruptedException {
        channel.shutdownNow();
        server.shutdownNow();
        if (!server.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("the server did not end within %s".formatted(PATIENCE));
        }
        services.close();
    }

    @Override
    public void close() throws InterruptedException {
        try (log) {
            stop();
        }
    }
}
