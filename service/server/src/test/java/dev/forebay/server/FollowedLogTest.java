package dev.forebay.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What ends a request that follows the log of a run which never ends. */
class FollowedLogTest {
    private static final int GUARD_SECONDS = 90;

    @TempDir Path directory;
    private final WaitingExecutor executor = new WaitingExecutor();
    private Rest rest;

    @BeforeEach
    void start() throws IOException {
        rest =
                new Rest(
                        directory.resolve("data"),
                        new RunConfig(Optional.of((_, _) -> executor), Duration.ZERO));
        rest.json(
                201,
                "POST",
                "/runs",
                "{\"job\":{\"codespec\":{\"kind\":\"job\",\"image\":\"i\"}}}");
    }

    @AfterEach
    void stop() throws IOException {
        rest.close();
    }

    private Wire follow() throws IOException {
        Wire wire = new Wire(rest.server.uri());
        wire.send(
                "GET /runs/1/logs?follow=true&api-version=1.0 HTTP/1.1\r\nHost: localhost\r\n\r\n");
        wire.until("x\n");
        return wire;
    }

    private void awaitClosedLog() throws InterruptedException {
        assertThat(executor.closedLogs.tryAcquire(GUARD_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void clientThatLeavesEndsIt() throws Exception {
        try (Wire first = follow();
                Wire second = follow()) {
            assertThat(executor.closedLogs.availablePermits()).isZero();
            first.reset();
            awaitClosedLog();
            second.reset();
            awaitClosedLog();
        }
    }

    @Test
    void stoppingServerEndsIt() throws Exception {
        try (Wire wire = follow()) {
            assertThat(executor.closedLogs.availablePermits()).isZero();
            rest.close();
            awaitClosedLog();
        }
    }
}
