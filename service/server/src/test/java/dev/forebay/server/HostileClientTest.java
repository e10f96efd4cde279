package dev.forebay.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Clients that mean harm, or that all want the same at once. */
class HostileClientTest {
    private static final int CLIENTS = 16;

    @TempDir Path directory;
    private Rest rest;

    @BeforeEach
    void start() throws IOException {
        rest = new Rest(directory.resolve("data"));
    }

    @AfterEach
    void stop() throws IOException {
        rest.close();
    }

    @Test
    void moreFiltersThanABufferHasTagsAreRefused() throws IOException {
        String id = Rest.id(rest.create("\"0\":\"\""));
        for (String word : List.of("tag", "excludeTag")) {
            String most = filters(word, 100);
            assertThat(rest.ask("GET", "/buffers?" + most, "").status()).isEqualTo(200);
            for (int count : List.of(101, 900)) {
                String many = filters(word, count);
                for (String[] call :
                        new String[][] {
                            {"GET", "/buffers"},
                            {"GET", "/buffers/count"},
                            {"DELETE", "/buffers"},
                            {"POST", "/buffers/restore"}
                        }) {
                    rest.assertRefused(
                            400,
                            "InvalidInput",
                            "No more than 100 tags",
                            call[0],
                            call[1] + "?" + many);
                }
            }
        }
        assertThat(Rest.ids(rest.get("/buffers"))).containsExactly(id);
    }

    private static String filters(String word, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> word + "[" + Integer.toString(i, 36) + "]=")
                .collect(Collectors.joining("&"));
    }

    @Test
    void tokensOfPagesThatWereTamperedWithAreRefused() throws IOException {
        String id = Rest.id(rest.create(""));
        for (String text :
                List.of(
                        "99999999999999999999," + id,
                        "," + id,
                        id,
                        "1,",
                        "1," + id.toUpperCase(Locale.ROOT),
                        "1,' or 1=1 --",
                        "\u00e9," + id,
                        "1.5," + id,
                        "0x10," + id)) {
            String token = Base64.getUrlEncoder().encodeToString(text.getBytes(UTF_8));
            rest.assertRefused(
                    400, "InvalidInput", "Invalid continuation", "GET", "/buffers?_ct=" + token);
        }
        for (String token : List.of("", "%00", "%F0%9F%98%80", "a".repeat(10_000), "=", "%ff")) {
            rest.assertRefused(
                    400, "InvalidInput", "Invalid continuation", "GET", "/buffers?_ct=" + token);
        }
    }

    private String writeable(String blob) throws IOException {
        String id = Rest.id(rest.create(""));
        String access = "/buffers/" + id + "/access?writeable=true";
        String uri = rest.json(201, "POST", access, "").get("uri").stringValue();
        return uri.substring(uri.indexOf("/containers")).replace("?", "/" + blob + "?");
    }

    @Test
    void namesThatNoDiskTakesAreIllegal() throws IOException {
        for (String name :
                List.of("a".repeat(255), "00/" + "b".repeat(300), "a/".repeat(600) + "c")) {
            for (String method : List.of("PUT", "GET", "HEAD")) {
                Wire.Answer answer = rest.raw(method, writeable(name), "", "");
                assertThat(answer.status()).as(method).isEqualTo(400);
                assertThat(answer.header("x-ms-error-code")).isEqualTo("InvalidBlobName");
            }
        }
        String longest = "00/" + "b".repeat(254);
        assertThat(rest.raw("PUT", writeable(longest), "", "x").status()).isEqualTo(201);
    }

    @Test
    void allMetadataThatIsTakenIsGivenBack() throws IOException {
        for (int count : List.of(900, 1000, 1050, 1060, 1070, 1080, 1090)) {
            String metadata =
                    IntStream.range(0, count)
                            .mapToObj(i -> "x-ms-meta-" + Integer.toString(i, 36) + ":\r\n")
                            .collect(Collectors.joining());
            String blob = writeable("00/000");
            int put = rest.raw("PUT", blob, metadata, "x").status();
            assertThat(put).isIn(201, 431);
            Wire.Answer got = rest.raw("GET", blob, "", "");
            assertThat(got.status()).as("%s", count).isEqualTo(put == 201 ? 200 : 404);
        }
    }

    /** Has {@link #CLIENTS} clients begin together, and returns what each gets. */
    private static <T> List<T> atOnce(Callable<T> work) throws Exception {
        CyclicBarrier together = new CyclicBarrier(CLIENTS);
        List<T> results = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<T>> begun = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                begun.add(
                        threads.submit(() -> {
                            together.await();
                            return work.call();
                        }));
            }
            for (Future<T> future : begun) {
                results.add(future.get());
            }
        }
        return results;
    }

    @Test
    void ofUpdatesThatPresumeTheSameVersionExactlyOneWins() throws Exception {
        JsonNode buffer = rest.create("");
        String path = "/buffers/" + Rest.id(buffer);
        String eTag = buffer.get("eTag").stringValue();
        AtomicInteger number = new AtomicInteger();
        for (int round = 0; round < 5; round++) {
            String match = "If-Match: " + eTag + "\r\n";
            List<Wire.Answer> answers =
                    atOnce(() -> {
                        String tags = "{\"tags\":{\"n\":\"" + number.incrementAndGet() + "\"}}";
                        return rest.ask("PUT", path, match, tags);
                    });
            List<Wire.Answer> won = answers.stream().filter(a -> a.status() == 200).toList();
            assertThat(won).hasSize(1);
            assertThat(answers).filteredOn(a -> a.status() == 412).hasSize(CLIENTS - 1);
            assertThat(rest.ask("GET", path, "").text()).isEqualTo(won.getFirst().text());
            eTag = won.getFirst().header("ETag");
        }
    }

    @Test
    void bulkCallsAndSweepsAtOnceLeaveAContainerForEveryRowAndNoOther() throws Exception {
        AtomicInteger turn = new AtomicInteger();
        List<Wire.Answer> refused =
                atOnce(
                                () -> {
                                    List<Wire.Answer> all = new ArrayList<>();
                                    for (int i = 0; i < 16; i++) {
                                        all.add(anything(turn.incrementAndGet()));
                                    }
                                    return all;
                                })
                        .stream()
                        .flatMap(List::stream)
                        .filter(answer -> answer.status() >= 400)
                        .toList();
        assertThat(refused).isEmpty();
        List<String> rows = new ArrayList<>();
        rows.addAll(Rest.ids(rest.get("/buffers?limit=2000")));
        rows.addAll(Rest.ids(rest.get("/buffers?limit=2000&softDeleted=true")));
        assertThat(rest.server.containers().list()).containsExactlyInAnyOrderElementsOf(rows);
    }

    private Wire.Answer anything(int turn) throws IOException {
        rest.clock.advance(Duration.ofMillis(1));
        return switch (turn % 8) {
            case 0 -> rest.ask("DELETE", "/buffers?ttl=0", "");
            case 1 -> rest.ask("POST", "/buffers/restore", "");
            case 2 -> rest.ask("GET", "/buffers?limit=3", "");
            case 3 -> rest.ask("POST", "/runs/_sweep", "");
            case 4 -> rest.ask("DELETE", "/buffers?softDeleted=true&ttl=0", "");
            case 5 -> rest.ask("GET", "/buffers/count", "");
            default -> rest.ask("POST", "/buffers", "{\"tags\":{\"a\":\"1\"}}");
        };
    }
}
