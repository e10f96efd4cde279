package dev.forebay.server;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import dev.forebay.datalog.DataLog;
import dev.forebay.identity.AdminKey;
import dev.forebay.identity.Users;
import dev.forebay.wire.PlainJson;
import dev.forebay.wire.WireFormatException;
import dev.forebay.wire.control.ControlErrorCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Administration of the users and the log, on loopback, for commands that prove to have the {@link
 * AdminKey} of the data directory: each request is sealed with it, and so is the answer.
 *
 * <p><b>Guarantee.</b> A request that was not sealed with the key, is older or newer than {@link
 * #WINDOW}, or came before, is refused. <b>Limit.</b> {@link #MOST} requests in a window.
 */
final class AdminFace implements Face {
    static final String PATH = "/admin/v1/users";
    static final String TYPE = "application/octet-stream";
    static final Duration WINDOW = Duration.ofMinutes(1);
    static final byte[] REQUEST = {'f', 'o', 'r', 'e', 'b', 'a', 'y', '-', 'a', 'd', 'm', 'i', 'n'};

    private static final int LARGEST = 16 << 10;
    private static final int MOST = 10_000;

    private final AdminKey key;
    private final Users users;
    private final DataLog log;
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();

    /** When each request of the last window was made, by its nonce. */
    @GuardedBy("lock")
    private final Map<ByteBuffer, Instant> seen = new LinkedHashMap<>();

    AdminFace(AdminKey key, Users users, DataLog log, Clock clock) {
        this.key = key;
        this.users = users;
        this.log = log;
        this.clock = clock;
    }

    @Override
    public List<Route> routes() {
        return List.of(Route.unversioned("POST", PATH, this::answer));
    }

    private void answer(Exchange exchange) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        exchange.readBody(
                LARGEST,
                piece -> {
                    byte[] bytes = new byte[piece.remaining()];
                    piece.get(bytes);
                    body.writeBytes(bytes);
                });
        byte[] message = body.toByteArray();
        Map<String, Object> request = request(message);
        Map<String, Object> answer =
                LogAdministration.owns(request)
                        ? LogAdministration.answer(log, request)
                        : UserRequests.answer(users, request);
        exchange.sendBytes(200, TYPE, key.seal(PlainJson.write(answer), AdminKey.nonce(message)));
    }

    private Map<String, Object> request(byte[] message) {
        byte[] content = key.unseal(message, REQUEST).orElseThrow(AdminFace::refused);
        try {
            Map<String, Object> request = PlainJson.readObject(content);
            admit(message, Instant.parse(String.valueOf(request.get("time"))));
            return request;
        } catch (WireFormatException | DateTimeException e) {
            throw Refusal.badRequest("expected an object with a time under the seal");
        }
    }

    /** Refuses what is too old to be remembered, and what is remembered. */
    private void admit(byte[] message, Instant made) {
        Instant now = clock.wall();
        if (made.isBefore(now.minus(WINDOW)) || made.isAfter(now.plus(WINDOW))) {
            throw new Refusal(
                    403,
                    ControlErrorCode.FORBIDDEN,
                    "the request was made at %s, and here it is %s; is the clock set?"
                            .formatted(made, now));
        }
        lock.lock();
        try {
            seen.values().removeIf(each -> each.isBefore(now.minus(WINDOW)));
            ByteBuffer nonce = ByteBuffer.wrap(AdminKey.nonce(message));
            if (seen.size() >= MOST || seen.putIfAbsent(nonce, made) != null) {
                throw refused();
            }
        } finally {
            lock.unlock();
        }
    }

    private static Refusal refused() {
        return new Refusal(
                403,
                ControlErrorCode.FORBIDDEN,
                "the request does not prove itself with the key of this server's data directory;"
                        + " 'forebay user' does, with the option --data");
    }

    @Override
    public boolean owns(String path) {
        return path.startsWith("/admin/");
    }

    @Override
    public ErrorAnswer render(Throwable fault) {
        return JsonErrors.of(fault);
    }

    @Override
    public void close() {
        // Nothing waits here.
    }
}
