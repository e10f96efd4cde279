package dev.forebay.server;

import static dev.forebay.server.Rest.message;
import static dev.forebay.server.Rest.parsed;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.control.Run;
import dev.forebay.run.Observation;
import dev.forebay.run.Outcome;
import dev.forebay.run.RunStatus;
import dev.forebay.wire.Json;
import dev.forebay.wire.Times;
import dev.forebay.wire.control.RunBody;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * What the reference's own tests assert of lists of runs and of runs that are refused, over HTTP,
 * and the search beyond them. The runs are put into the catalogue, since the server executes none.
 */
class RunWireTest {
    private static final String NO_RUNS = "Runs are not available on this server";

    @TempDir Path directory;
    private Rest rest;

    @BeforeEach
    void start() throws IOException {
        rest = new Rest(directory.resolve("data"));
        rest.json(
                201,
                "PUT",
                "/codespecs/x",
                "{\"kind\":\"job\",\"image\":\"i\",\"buffers\":{\"inputs\":[\"in\"]}}");
    }

    @AfterEach
    void stop() throws IOException {
        rest.close();
    }

    /** A run, a second younger than the one before; tags as {@code "a":"1"}. */
    private Run run(String tags, RunStatus... statuses) {
        rest.clock.advance(Duration.ofSeconds(1));
        String body = "{\"job\":{\"codespec\":\"x\"},\"tags\":{" + tags + "}}";
        Run run =
                rest.server
                        .runs()
                        .create(
                                Json.read(body.getBytes(UTF_8), RunBody.class),
                                Optional.empty(),
                                content -> content);
        for (RunStatus status : statuses) {
            Instant now = rest.clock.wall();
            run = rest.server.runs().observed(run.id(), leadingTo(status, now));
        }
        return run;
    }

    private static Observation leadingTo(RunStatus status, Instant now) {
        return switch (status) {
            case RUNNING -> new Observation.Started(now);
            case SUCCEEDED -> new Observation.Ended(Outcome.exited(0), now);
            case FAILED -> new Observation.Ended(Outcome.exited(1), now);
            default -> throw new IllegalArgumentException("not used here: " + status);
        };
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, UTF_8);
    }

    private List<Integer> list(String query) throws IOException {
        List<Integer> ids = new ArrayList<>();
        rest.get("/runs?" + query).get("items").forEach(run -> ids.add(run.get("id").intValue()));
        return ids;
    }

    private String refused(String body) throws IOException {
        String said = message(rest.ask("POST", "/runs", body), 400, "InvalidInput");
        assertThat(rest.get("/runs").get("items")).isEmpty();
        return said;
    }

    private String refusedJob(String job) throws IOException {
        return refused("{\"createdAt\":\"0001-01-01T00:00:00Z\",\"job\":{" + job + "}}");
    }

    @Test
    void aValidRunIsRefusedSinceThereIsNoExecutorAndCreatesNothing() throws IOException {
        String buffer = Rest.id(rest.create(""));
        String inline = "\"codespec\":{\"kind\":\"job\",\"image\":\"i\"}";
        String job = "\"codespec\":\"x\",\"buffers\":{\"in\":\"" + buffer + "\"}";
        assertThat(refusedJob(job)).startsWith(NO_RUNS).contains("no executor");
        assertThat(refusedJob("\"codespec\":\"x/versions/1\"")).startsWith(NO_RUNS);
        assertThat(refusedJob(inline)).startsWith(NO_RUNS);
    }

    @Test
    void invalidBufferNamesInInlineCodespecAreRefused() throws IOException {
        for (String name : List.of("FOO", "foo_bar", "-foo", "bar-")) {
            assertThat(
                            refusedJob(
                                    "\"codespec\":{\"kind\":\"job\",\"image\":\"i\",\"buffers\":{\"inputs\":[\""
                                            + name
                                            + "\"]}}"))
                    .startsWith("Buffer names must consist");
        }
    }

    @Test
    void createRunWithDeletedBufferIsRefused() throws IOException {
        String buffer = Rest.id(rest.create(""));
        rest.json(200, "DELETE", "/buffers/" + buffer, "");
        assertThat(refusedJob("\"codespec\":\"x\",\"buffers\":{\"in\":\"" + buffer + "\"}"))
                .isEqualTo("The buffer '" + buffer + "' was not found");
    }

    @Test
    void whatIsNotThereOrNotAskedForIsRefusedInTheWordsOfTheReference() throws IOException {
        assertThat(refusedJob("\"codespec\":\"y\"")).isEqualTo("The codespec 'y' was not found");
        assertThat(refusedJob("\"codespec\":\"x/versions/7\""))
                .isEqualTo(
                        "The version '7' of codespec 'x' was not found. The latest version is '1'.");
        assertThat(refusedJob("\"codespec\":\"x\",\"buffers\":{\"out\":\"a\"}"))
                .startsWith("Buffer argument '[out, a]' does not correspond");
        assertThat(refused("{}")).contains("'job'");
        assertThat(refused("{\"kind\":\"system\",\"job\":{\"codespec\":\"x\"}}"))
                .isEqualTo("System runs cannot be created directly");
    }

    @Test
    void unrecognizedFieldsAreRejected() throws IOException {
        for (String body :
                List.of(
                        "{\"colour\":1}",
                        "{\"job\":{\"colour\":1}}",
                        "{\"job\":{\"codespec\":{\"colour\":1}}}",
                        "{\"worker\":{\"tags\":{}}}")) {
            assertThat(refused(body))
                    .startsWith("Error deserializing input: Unrecognized property")
                    .contains("Path: $.");
        }
    }

    @Test
    void listRunsPagingReachesAll() throws IOException {
        for (int i = 0; i < 12; i++) {
            run("");
        }
        List<Integer> seen = new ArrayList<>();
        String next = "/runs?limit=5&status=Pending&status=Running";
        while (!next.isEmpty()) {
            JsonNode page = rest.get(next.replace("api-version=1.0&", ""));
            page.get("items").forEach(run -> seen.add(run.get("id").intValue()));
            next = page.has("nextLink") ? page.get("nextLink").stringValue() : "";
            assertThat(next.isEmpty() || next.startsWith("/runs?api-version=1.0&")).isTrue();
        }
        assertThat(seen).containsExactly(12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1);
    }

    @Test
    void listRunsBoundaries() throws IOException {
        run("");
        rest.assertRefused(
                400,
                "InvalidInput",
                "Limit must be a non-negative integer.",
                "GET",
                "/runs?limit=-1");
        rest.assertRefused(400, "BadRequest", "integer", "GET", "/runs?limit=x");
        rest.assertRefused(400, "InvalidInput", "continuation token", "GET", "/runs?_ct=MSxh");
        assertThat(list("limit=0")).isEmpty();
        assertThat(list("limit=3000")).hasSize(1);
    }

    @Test
    void listRunsSinceIsStrictlyAfter() throws IOException {
        Run first = run("");
        Run second = run("");
        assertThat(list("since=" + encoded(Times.format(first.createdAt())))).containsExactly(2);
        assertThat(list("since=" + encoded(Times.format(second.createdAt())))).isEmpty();
        assertThat(list("createdBefore=" + encoded(Times.format(second.createdAt()))))
                .containsExactly(1);
        rest.assertRefused(
                400,
                "BadRequest",
                "since is not a time: 'x', wrong at character 1",
                "GET",
                "/runs?since=x");
    }

    @Test
    void listAndCountRunsWithFilters() throws IOException {
        run("\"a\":\"1\"");
        run("\"a\":\"1\",\"b\":\"1\"", RunStatus.RUNNING, RunStatus.SUCCEEDED);
        run("\"a\":\"2\"", RunStatus.RUNNING);
        assertThat(list("tag%5Ba%5D=1")).containsExactly(2, 1);
        assertThat(list("tag%5Ba%5D=1&tag%5Bb%5D=1")).containsExactly(2);
        assertThat(list("status=pending&status=RUNNING")).containsExactly(3, 1);
        assertThat(list("status=Pending&tag%5Ba%5D=1")).containsExactly(1);
        assertThat(list("tag%5Bunknown%5D=1")).isEmpty();
        assertThat(rest.ask("GET", "/runs/counts", "").text())
                .isEqualTo("{\"pending\":1,\"running\":1,\"succeeded\":1}");
        assertThat(rest.ask("GET", "/runs/counts?tag%5Ba%5D=1", "").text())
                .isEqualTo("{\"pending\":1,\"succeeded\":1}");
        assertThat(rest.ask("GET", "/runs/counts?tag%5Bunknown%5D=1", "").text()).isEqualTo("{}");
        rest.assertRefused(
                400, "InvalidInput", "Invalid status: Runing", "GET", "/runs?status=Runing");
    }

    @Test
    void searchTakesExpressionsKeysCodespecsAndTimesOfEnds() throws IOException {
        run("\"a\":\"1\"");
        Run ended = run("", RunStatus.RUNNING, RunStatus.FAILED);
        run("\"b\":\"1\"", RunStatus.RUNNING, RunStatus.SUCCEEDED);
        assertThat(list("status=" + encoded("!Succeeded && !(Pending)"))).containsExactly(2);
        assertThat(list("status=" + encoded("Pending || Running && Failed"))).containsExactly(1);
        assertThat(list("hasTag=b")).containsExactly(3);
        assertThat(list("hasTag=a&hasTag=b")).isEmpty();
        assertThat(list("codespec=x")).containsExactly(3, 2, 1);
        assertThat(list("codespec=x/versions/1&status=Failed")).containsExactly(2);
        assertThat(list("codespec=x/versions/2")).isEmpty();
        String end = encoded(Times.format(ended.state().finishedAt().orElseThrow()));
        assertThat(list("finishedAfter=" + end)).containsExactly(3);
        assertThat(list("finishedBefore=" + end)).isEmpty();
        assertThat(list("finishedAfter=2000-01-01T00:00:00Z")).containsExactly(3, 2);
        rest.assertRefused(
                400,
                "InvalidInput",
                "at character 9",
                "GET",
                "/runs?status=" + encoded("Pending ! Running"));
    }

    @Test
    void aRunHasOnlyFieldsThatTheStrictDecoderKnows() throws IOException {
        Run made = run("\"a\":\"1\"", RunStatus.RUNNING, RunStatus.SUCCEEDED);
        Wire.Answer answer = rest.ask("GET", "/runs/1", "");
        assertThat(answer.header("ETag")).isEqualTo(made.eTag());
        JsonNode run = parsed(answer);
        assertThat(new TreeSet<>(run.propertyNames()))
                .isEqualTo(
                        new TreeSet<>(
                                Set.of(
                                        "id",
                                        "eTag",
                                        "status",
                                        "createdAt",
                                        "startedAt",
                                        "finishedAt",
                                        "job",
                                        "timeoutSeconds",
                                        "tags",
                                        "bufferAccessTtl")));
        assertThat(run.at("/job/codespec")).isEqualTo(rest.get("/codespecs/x"));
        assertThat(rest.get("/runs").get("items").get(0)).isEqualTo(run);
        for (String none : List.of("2", "x", "-1", "99999999999999999999")) {
            rest.assertNotFound("GET", "/runs/" + none);
            rest.assertNotFound("GET", "/runs/" + none + "/logs");
        }
    }

    @Test
    void tagRunReplacesAllTagsOnThePresumedVersion() throws IOException {
        run("\"a\":\"1\"");
        String first = rest.ask("GET", "/runs/1", "").header("ETag");
        JsonNode set = rest.json(200, "PUT", "/runs/1", "{\"id\":1,\"tags\":{\"b\":\"2\"}}");
        assertThat(set.get("tags").toString()).isEqualTo("{\"b\":\"2\"}");
        for (String bad : List.of(first, "1", "nonsense")) {
            Wire.Answer late = rest.ask("PUT", "/runs/1", "If-Match: " + bad + "\r\n", "{}");
            assertThat(message(late, 412, "PreconditionFailed")).isEqualTo("ETag does not match");
        }
        String good = "If-Match: " + set.get("eTag").stringValue() + "\r\n";
        assertThat(parsed(rest.ask("PUT", "/runs/1", good, "{\"tags\":null}")).has("tags"))
                .isFalse();
        assertThat(rest.ask("PUT", "/runs/2", "{}").status()).isEqualTo(404);
        assertThat(message(rest.ask("PUT", "/runs/1", "{\"id\":2}"), 400, "BadRequest"))
                .contains("2");
    }

    @Test
    void cancelRunSaysWhoCanceledItAndChangesNoFinalState() throws IOException {
        run("");
        JsonNode canceled = rest.json(202, "POST", "/runs/1/cancel", "");
        assertThat(canceled.get("status").stringValue()).isEqualTo("Canceling");
        assertThat(canceled.get("statusReason").stringValue()).isEqualTo("Canceled by user");
        rest.clock.advance(Duration.ofSeconds(1));
        assertThat(rest.json(202, "POST", "/runs/1/cancel", "")).isEqualTo(canceled);
        rest.assertNotFound("POST", "/runs/2/cancel");
        run("", RunStatus.SUCCEEDED);
        JsonNode ended = rest.get("/runs/2");
        assertThat(rest.json(202, "POST", "/runs/2/cancel", "")).isEqualTo(ended);
    }
}
