package dev.forebay.run.oci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.run.Executor;
import dev.forebay.run.LogLine;
import dev.forebay.run.LogQuery;
import dev.forebay.run.LogReader;
import dev.forebay.run.Outcome;
import dev.forebay.run.RunOrder;
import dev.forebay.run.oci.testing.PlayedEngine;
import dev.forebay.run.oci.testing.PlayedEngine.Answer;
import dev.forebay.run.testing.Buffers;
import dev.forebay.run.testing.Observed;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A container that another server began, at an engine that comes and goes. */
class AdoptedContainerTest {
    private static final RunOrder ORDER =
            RunOrder.of(1, Images.program("i", "true"), Map.of(), Duration.ofDays(1));

    private final Observed observed = new Observed();

    @TempDir private Path directory;

    @BeforeEach
    void leaveARun() throws Exception {
        Path run = Files.createDirectories(directory.resolve("runs/1"));
        Files.createFile(run.resolve("begun"));
    }

    private Path socket() {
        return directory.resolve("e.sock");
    }

    private Executor open() throws Exception {
        OciSettings settings =
                OciSettings.of(socket(), directory.resolve("runs")).withPull(PullPolicy.NEVER);
        return OciExecutor.open(settings, new Buffers());
    }

    private void adopt(Executor executor) {
        executor.reconcile(List.of(new Executor.Unfinished(ORDER, Optional.empty())), observed);
    }

    /** An engine with one container. */
    private static Function<String, Answer> engine(Function<String, Answer> container) {
        return request -> {
            if (request.equals("GET /containers/json")) {
                return Answer.of("[]");
            }
            return request.startsWith("GET /containers/") || request.endsWith("/wait")
                    ? container.apply(request.substring(request.lastIndexOf('/') + 1))
                    : Answer.MISSING;
        };
    }

    private static Answer state(boolean running, int code) {
        return Answer.of(
                "{\"Id\":\"c\",\"State\":{\"Status\":\"x\",\"Running\":%s,\"ExitCode\":%d,\"StartedAt\":\"%s\"}}"
                        .formatted(running, code, Instant.now()));
    }

    @Test
    void containerThatEndedWhileTheServerWasAwayIsAdoptedWithItsLog() throws Exception {
        Function<String, Answer> ended =
                part -> part.equals("logs") ? Answer.line("kept") : state(false, 3);
        try (PlayedEngine engine = new PlayedEngine(socket(), engine(ended));
                Executor executor = open()) {
            adopt(executor);
            assertThat(observed.awaitEnd(1)).isEqualTo(Outcome.failed("Main exited with code 3"));
            assertThat(observed.state(1).startedAt()).isPresent();
            try (LogReader log = executor.logs(1, LogQuery.ALL)) {
                LogLine line = Objects.requireNonNull(log.next());
                assertThat(new String(line.text(), StandardCharsets.UTF_8)).isEqualTo("kept");
            }
            assertThat(engine.requests())
                    .as("nothing is started again")
                    .noneMatch(
                            request -> request.contains("/create") || request.endsWith("/start"));
        }
    }

    /** The engine ends within a request, which is the end of a connection and of nothing else. */
    @Test
    void absenceOfTheEngineIsNotTheEndOfARun() throws Exception {
        CountDownLatch waits = new CountDownLatch(1);
        Function<String, Answer> runs =
                part -> {
                    if (part.equals("wait")) {
                        waits.countDown();
                        return Answer.NEVER;
                    }
                    return part.equals("logs") ? Answer.line("kept") : state(true, 0);
                };
        Function<String, Answer> ended = part -> state(false, 0);
        try (Executor executor = open()) {
            try (PlayedEngine _ = new PlayedEngine(socket(), engine(runs))) {
                adopt(executor);
                assertThat(waits.await(2, TimeUnit.MINUTES)).isTrue();
            }
            try (PlayedEngine _ = new PlayedEngine(socket(), engine(ended))) {
                assertThat(observed.awaitEnd(1)).isEqualTo(Outcome.exited(0));
            }
        }
    }
}
