package dev.forebay.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Disk;
import dev.forebay.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Readers that wait at the server and leave, or send more. The server's time stands still, so that
 * no wait ends because it was long enough.
 */
class LeavingFollowersTest {
    private static final String ID = "leaving";
    private static final int MANY = 100;

    @TempDir Path directory;
    private final ManualClock clock = new ManualClock();
    private final ParkedGauge gauge = new ParkedGauge();
    private ForebayServer server;

    @BeforeEach
    void start() throws IOException {
        ServerConfig config =
                ServerConfig.of(directory.resolve("data"), 0).withGrace(Duration.ofSeconds(30));
        server = ForebayServer.start(config, Disk.system(), clock, gauge);
        server.containers().create(ID);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private String blob(String name) {
        String query = server.signer().query(ID, "cr", clock.wall(), Duration.ofMinutes(30));
        return "/containers/" + ID + "/" + name + "?" + query;
    }

    private String follow(String name) {
        return "GET " + blob(name) + " HTTP/1.1\r\nHost: localhost\r\nPrefer: wait=20\r\n\r\n";
    }

    private void put(String name, String body) throws IOException {
        try (Wire wire = new Wire(server.uri())) {
            String head = "PUT " + blob(name) + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: ";
            assertThat(wire.send(head + body.length() + "\r\n\r\n" + body).answer(true).status())
                    .isEqualTo(201);
        }
    }

    @Test
    void followersThatLeaveAreLetGoAtOnce() throws Exception {
        List<Wire> followers = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            followers.add(new Wire(server.uri()).send(follow("00/000")));
        }
        clock.awaitWaiters(Rest.SLEEPERS + MANY);
        gauge.awaitCount(MANY);
        for (Wire follower : followers.subList(1, MANY)) {
            follower.close();
        }
        gauge.awaitCount(1);
        put("00/000", "Hello");
        try (Wire stayed = followers.getFirst()) {
            assertThat(stayed.answer(true).text()).isEqualTo("Hello");
        }
        gauge.awaitCount(0);
    }

    @Test
    void followersWhoseConnectionsAreResetAreLetGo() throws Exception {
        for (int i = 0; i < MANY; i++) {
            Wire follower = new Wire(server.uri()).send(follow("00/000"));
            clock.awaitWaiters(Rest.SLEEPERS + 1);
            follower.reset();
            gauge.awaitCount(0);
        }
    }

    @Test
    void whoSendsNothingMoreHasLeftAndIsToldThatThereIsNothingYet() throws Exception {
        try (Wire follower = new Wire(server.uri()).send(follow("00/000"))) {
            clock.awaitWaiters(Rest.SLEEPERS + 1);
            follower.endInput();
            Wire.Answer answer = follower.answer(true);
            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.header("x-ms-error-code")).isEqualTo("BlobNotFound");
        }
        gauge.awaitCount(0);
    }

    @Test
    void whoIsSlowToHearThatTheServerIsClosedAnswersSoAllTheSame() throws Exception {
        CountDownLatch slow = new CountDownLatch(1);
        gauge.holdAfterwards(slow);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Wire idle = new Wire(server.uri());
                Wire follower = new Wire(server.uri()).send(follow("00/000"))) {
            clock.awaitWaiters(Rest.SLEEPERS + 1);
            idle.send("GET /metadata HTTP/1.1\r\nHost: localhost\r\n\r\n").answer(true);
            Future<?> closing =
                    threads.submit(() -> {
                        server.close();
                        return ID;
                    });
            idle.awaitEnd(); // By now connections on which nothing moves are given up.
            slow.countDown();
            assertThat(follower.answer(true).status()).isEqualTo(503);
            closing.get(120, TimeUnit.SECONDS);
        }
    }

    @Test
    void requestsBehindAHeldOneAreAnsweredInTheirTurn() throws Exception {
        try (Wire follower = new Wire(server.uri()).send(follow("00/000"))) {
            clock.awaitWaiters(Rest.SLEEPERS + 1);
            for (int i = 1; i < 3; i++) {
                follower.send("GET /metadata HTTP/1.1\r\n").send("Host: localhost\r\n\r\n");
            }
            put("00/000", "Hello");
            assertThat(follower.answer(true).text()).isEqualTo("Hello");
            assertThat(follower.answer(true).text()).contains("apiVersions");
            assertThat(follower.answer(true).text()).contains("apiVersions");
            follower.send(follow("00/001"));
            gauge.awaitCount(1);
            follower.send("GET /met"); // It may go on, or never.
        }
        gauge.awaitCount(0);
    }

    @Test
    void aFollowerIsServedBlobAfterBlobOnOneConnectionAndThenLeaves() throws Exception {
        try (Wire follower = new Wire(server.uri())) {
            for (int i = 0; i < 50; i++) {
                String name = String.format(java.util.Locale.ROOT, "00/%03X", i);
                follower.send(follow(name));
                if (i % 2 == 0) {
                    clock.awaitWaiters(Rest.SLEEPERS + 1);
                }
                put(name, "block " + i);
                assertThat(follower.answer(true).text()).isEqualTo("block " + i);
            }
            follower.send(follow("01/000"));
            clock.awaitWaiters(Rest.SLEEPERS + 1);
        }
        gauge.awaitCount(0);
    }
}
