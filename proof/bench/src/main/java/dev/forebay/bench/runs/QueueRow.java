package dev.forebay.bench.runs;

import dev.forebay.bench.Figure;
import dev.forebay.bench.Run;
import dev.forebay.bench.Suite;
import dev.forebay.bench.Unit;
import dev.forebay.bench.streams.ServerProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Runs of {@code true} that are created one after the other and wait for their turn: from the first
 * request to the end of the last run, divided by their number. Each must succeed.
 */
final class QueueRow implements Suite.Row {
    private static final double GOAL = 50;
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String RUN =
            "{\"job\":{\"codespec\":{\"kind\":\"job\",\"image\":\"none\",\"command\":[\"true\"]}}}";

    @Override
    public void measure(Run run) throws Exception {
        int count = run.scale().of(200, 200, 5);
        try (ServerProcess server =
                        ServerProcess.start(
                                run.forebay(),
                                run.fresh("queue"),
                                "--executor",
                                "process",
                                "--executor-user",
                                System.getProperty("user.name"));
                HttpClient client = HttpClient.newHttpClient()) {
            long begin = System.nanoTime();
            for (int i = 0; i < count; i++) {
                send(
                        client,
                        request(server, "/runs").POST(HttpRequest.BodyPublishers.ofString(RUN)));
            }
            String wanted = "{\"succeeded\":%d}".formatted(count);
            String counts = "";
            while (!counts.equals(wanted)) {
                if (System.nanoTime() - begin > PATIENCE.toNanos()) {
                    throw new IllegalStateException(
                            "expected %s within %s, found %s".formatted(wanted, PATIENCE, counts));
                }
                TimeUnit.MILLISECONDS.sleep(20);
                counts = send(client, request(server, "/runs/counts").GET());
            }
            double millis = (System.nanoTime() - begin) / 1e6;
            run.report(
                    Figure.ours(
                                    "wall time of %d queued runs of true, each".formatted(count),
                                    "SYNCED",
                                    millis / count,
                                    Unit.MILLISECONDS)
                            .goal(GOAL));
        }
    }

    private static HttpRequest.Builder request(ServerProcess server, String path) {
        return HttpRequest.newBuilder(URI.create(server.uri() + path + "?api-version=1.0"))
                .header("Content-Type", "application/json");
    }

    private static String send(HttpClient client, HttpRequest.Builder request)
            throws IOException, InterruptedException {
        HttpResponse<String> answer =
                client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() >= 300) {
            throw new IOException("%d: %s".formatted(answer.statusCode(), answer.body()));
        }
        return answer.body();
    }
}
