package dev.forebay.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.ByteSize;
import dev.forebay.blobhttp.HttpContainer;
import dev.forebay.run.process.ProcessSettings;
import dev.forebay.stream.BufferReader;
import dev.forebay.stream.BufferWriter;
import dev.forebay.stream.ReadOptions;
import dev.forebay.stream.WriteOptions;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Runs over HTTP on a server with the process executor. Their ends are awaited by a watch. */
class ExecutedRunsTest {
    private static final String CAT = "cat \"$IN_PIPE\" > \"$OUT_PIPE\"";

    @TempDir Path directory;
    private RunServer server;

    @BeforeEach
    void start() throws IOException {
        start(settings -> settings);
    }

    private void start(UnaryOperator<ProcessSettings> settings) throws IOException {
        server = new RunServer(directory.resolve("data"), settings);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private void restart(UnaryOperator<ProcessSettings> settings) throws IOException {
        server.close();
        start(settings);
    }

    private static byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private void write(String buffer, byte[] bytes) throws IOException {
        try (HttpContainer container = server.container(buffer)) {
            new BufferWriter(container, WriteOptions.defaults().withBlockSize(ByteSize.ofMiB(1)))
                    .write(Channels.newChannel(new ByteArrayInputStream(bytes)));
        }
    }

    private byte[] read(String buffer) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (HttpContainer container = server.container(buffer)) {
            new BufferReader(container, ReadOptions.defaults()).read(Channels.newChannel(bytes));
        }
        return bytes.toByteArray();
    }

    private JsonNode create(String job) throws IOException {
        return server.json(201, "POST", "/runs", "{'job':{" + job + "}}");
    }

    private static String out(JsonNode run) {
        return run.at("/job/buffers/out").stringValue();
    }

    private static String status(JsonNode run) {
        JsonNode reason = run.get("statusReason");
        return run.get("status").stringValue()
                + (reason == null ? "" : ": " + reason.stringValue());
    }

    /** Follows the run until its program runs. */
    private void awaitStart(long run) throws IOException {
        HttpURLConnection watch = server.open("GET", "/runs/" + run + "?watch=true", "");
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(watch.getInputStream(), UTF_8))) {
            String line = lines.readLine();
            while (!line.contains("\"status\":\"Running\"")) {
                assertThat(line).contains("\"status\":\"Pending\"");
                line = lines.readLine();
            }
        }
    }

    @Test
    void programReadsAnInputAndWritesAnOutputOfItsOwn() throws IOException {
        server.codespec("cat", CAT + "; echo done");
        String in = server.buffer();
        JsonNode run =
                create("'codespec':'cat','buffers':{'in':'%s'},'tags':{'a':'1'}".formatted(in));
        assertThat(run.get("id").longValue()).isEqualTo(1);
        byte[] sent = bytes(3_000_000);
        write(in, sent);
        assertThat(read(out(run))).isEqualTo(sent);
        JsonNode ended = server.awaitEnd(1);
        assertThat(status(ended)).isEqualTo("Succeeded");
        assertThat(server.get("/runs/1")).isEqualTo(ended);
        JsonNode tags = server.get("/buffers/" + out(run)).get("tags");
        assertThat(tags.propertyNames()).containsExactlyInAnyOrder("a", "bufferName");
        assertThat(tags.get("a").stringValue()).isEqualTo("1");
        assertThat(tags.get("bufferName").stringValue()).isEqualTo("out");
        HttpURLConnection logs = server.open("GET", "/runs/1/logs", "");
        assertThat(new String(logs.getInputStream().readAllBytes(), UTF_8)).isEqualTo("done\n");
        assertThat(logs.getHeaderField("Content-Type")).startsWith("text/plain");
        assertThat(logs.getHeaderField("X-Content-Type-Options")).isEqualTo("nosniff");
    }

    @Test
    void outputOfAProgramThatFailsIsFailed() throws IOException {
        server.codespec("bad", "echo 12345 > \"$OUT_PIPE\"; exit 3");
        JsonNode run = create("'codespec':'bad'");
        assertThat(status(server.awaitEnd(1))).isEqualTo("Failed: Main exited with code 3");
        assertThatThrownBy(() -> read(out(run))).hasMessageContaining("failed");
    }

    @Test
    void cancelEndsAProgramThatRuns() throws IOException {
        server.codespec("cat", CAT);
        create("'codespec':'cat'");
        awaitStart(1);
        JsonNode canceled = cancel();
        assertThat(status(canceled)).isEqualTo("Canceled: Canceled by user");
        assertThat(server.get("/runs/1")).isEqualTo(canceled);
        assertThatThrownBy(() -> read(out(canceled))).hasMessageContaining("failed");
    }

    /** Repeated, as a slow machine may need more than the time for which an answer waits. */
    private JsonNode cancel() throws IOException {
        JsonNode run = server.json(202, "POST", "/runs/1/cancel", "");
        for (int i = 0; i < 20 && status(run).startsWith("Canceling"); i++) {
            run = server.json(202, "POST", "/runs/1/cancel", "");
        }
        return run;
    }

    @Test
    void whatRunsIsLostWithTheServerAndWhatWaitsIsStartedByTheNext() throws IOException {
        restart(settings -> settings.withHost(host -> host.withMostRunning(1)));
        server.codespec("cat", CAT);
        server.codespec("true", "exit 0");
        create("'codespec':'cat'");
        create("'codespec':'true'");
        create("'codespec':'true'");
        awaitStart(1);
        assertThat(status(server.get("/runs/2"))).isEqualTo("Pending");
        restart(settings -> settings);
        assertThat(status(server.awaitEnd(1))).isEqualTo("Failed: server lost");
        assertThat(status(server.awaitEnd(2))).isEqualTo("Succeeded");
        assertThat(status(server.awaitEnd(3))).isEqualTo("Succeeded");
        assertThat(server.text(200, "GET", "/runs/2/logs", "")).isEmpty();
    }

    @Test
    void runThatWaitsLongerThanItsTimeoutIsCanceled() throws IOException {
        restart(settings -> settings.withHost(host -> host.withMostRunning(1)));
        server.codespec("cat", CAT);
        create("'codespec':'cat'");
        server.json(201, "POST", "/runs", "{'job':{'codespec':'cat'},'timeoutSeconds':1}");
        awaitStart(1);
        long deadline = System.nanoTime() + Duration.ofSeconds(90).toNanos();
        while (status(server.get("/runs/2")).equals("Pending")
                && System.nanoTime() - deadline < 0) {
            server.text(200, "POST", "/runs/_sweep", "");
        }
        assertThat(status(server.awaitEnd(2)))
                .isEqualTo("Canceled: Run exceeded its timeout while pending");
        assertThat(status(server.get("/runs/1"))).isEqualTo("Running");
    }

    @Test
    void logIsFollowedWhileTheProgramRuns() throws IOException {
        server.codespec("cat", "echo first; " + CAT + "; printf last");
        String in = server.buffer();
        create("'codespec':'cat','buffers':{'in':'%s'}".formatted(in));
        HttpURLConnection logs = server.open("GET", "/runs/1/logs?follow=true&timestamps=true", "");
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(logs.getInputStream(), UTF_8))) {
            assertThat(lines.readLine())
                    .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}Z first");
            write(in, bytes(10)); // Not before: the program ends with it.
            assertThat(lines.readLine()).endsWith("Z last");
            assertThat(lines.readLine()).isNull();
        }
        assertThat(server.text(200, "GET", "/runs/1/logs?tailLines=1", "")).isEqualTo("last");
        assertThat(server.text(200, "GET", "/runs/1/logs?since=2999-01-01T00:00:00Z", ""))
                .isEmpty();
        server.text(400, "GET", "/runs/1/logs?tailLines=-1", "");
        server.text(400, "GET", "/runs/1/logs?follow=perhaps", "");
        server.text(404, "GET", "/runs/2/logs?follow=true", "");
        server.text(404, "GET", "/runs/2?watch=true", "");
    }

    /** Asks for the run again and again until nothing of it is left at the executor. */
    private void awaitRemoval(long run) throws IOException {
        Path left = directory.resolve("data/runs/" + run);
        long deadline = System.nanoTime() + Duration.ofSeconds(90).toNanos();
        while (Files.exists(left) && System.nanoTime() - deadline < 0) {
            server.get("/runs/" + run);
        }
        assertThat(left).doesNotExist();
    }

    @Test
    void archivedLogIsTheSameAndTheDirectoryOfTheRunIsRemoved() throws IOException {
        String lines = "i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done; ";
        server.codespec("talk", lines + CAT + "; printf last");
        String in = server.buffer();
        create("'codespec':'talk','buffers':{'in':'%s'}".formatted(in));
        HttpURLConnection logs = server.open("GET", "/runs/1/logs?follow=true&timestamps=true", "");
        assertThat(logs.getResponseCode()).isEqualTo(200);
        write(in, bytes(10)); // The program ends with it.
        String live = new String(logs.getInputStream().readAllBytes(), UTF_8);
        assertThat(live).contains("Z line 4999\n").endsWith("Z last");
        assertThat(status(server.awaitEnd(1))).isEqualTo("Succeeded");
        awaitRemoval(1);
        restart(settings -> settings);
        for (String follow : List.of("", "&follow=true")) {
            logs = server.open("GET", "/runs/1/logs?timestamps=true" + follow, "");
            assertThat(new String(logs.getInputStream().readAllBytes(), UTF_8)).isEqualTo(live);
            assertThat(logs.getHeaderField("Content-Type")).startsWith("text/plain");
            assertThat(logs.getHeaderField("X-Content-Type-Options")).isEqualTo("nosniff");
        }
        assertThat(server.text(200, "GET", "/runs/1/logs?tailLines=2", ""))
                .isEqualTo("line 4999\nlast");
    }

    /** Also on a connection that ends with its answer: the answers are in chunks all the same. */
    @Test
    void stoppingServerBreaksOffTheAnswersOfThoseWhoFollow() throws IOException {
        server.codespec("cat", CAT);
        create("'codespec':'cat'");
        awaitStart(1);
        List<HttpURLConnection> followed = new ArrayList<>();
        for (String target : List.of("/runs/1/logs?follow=true", "/runs/1?watch=true")) {
            followed.add(server.open("GET", target, ""));
            followed.add(server.open("GET", target, "", "Connection", "close"));
        }
        for (HttpURLConnection answer : followed) {
            assertThat(answer.getResponseCode()).isEqualTo(200); // The program runs on.
        }
        server.close();
        for (HttpURLConnection answer : followed) {
            assertThatThrownBy(() -> answer.getInputStream().readAllBytes())
                    .as(answer.getURL() + " " + answer.getRequestProperty("Connection"))
                    .isInstanceOf(IOException.class)
                    .isNotInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void creationsWithOneKeyMakeOneRunWithOneSetOfBuffers() throws IOException {
        server.codespec("true", "exit 0");
        String body = "{'job':{'codespec':'true'}}";
        JsonNode first = server.json(201, "POST", "/runs", body, "Idempotency-Key", "k");
        JsonNode second = server.json(201, "POST", "/runs", body, "Idempotency-Key", "k");
        assertThat(second.get("id")).isEqualTo(first.get("id"));
        assertThat(second.at("/job/buffers")).isEqualTo(first.at("/job/buffers"));
        assertThat(server.get("/buffers").get("items")).hasSize(2);
    }

    @Test
    void equalRunIsAnsweredByTheFirstAsLongAsItsOutputIsThere() throws IOException {
        server.codespec("cat", CAT);
        String in = server.buffer();
        write(in, bytes(100));
        JsonNode first = create("'codespec':'cat','buffers':{'in':'%s'}".formatted(in));
        assertThat(status(server.awaitEnd(1))).isEqualTo("Succeeded");
        String copy = server.buffer();
        write(copy, bytes(100));
        String again = "{'job':{'codespec':'cat','buffers':{'in':'%s'}}}".formatted(copy);
        JsonNode second = server.json(200, "POST", "/runs?reuse=true", again);
        assertThat(second.get("id").longValue()).isEqualTo(1);
        assertThat(out(second)).isEqualTo(out(first));
        assertThat(server.get("/buffers").get("items")).as("no buffer was made").hasSize(3);
        String other = server.buffer();
        write(other, bytes(101));
        JsonNode third = server.json(201, "POST", "/runs?reuse=true", again.replace(copy, other));
        assertThat(third.get("id").longValue()).isEqualTo(2);
        assertThat(read(out(third))).isEqualTo(bytes(101));
        server.json(200, "DELETE", "/buffers/" + out(first), "");
        assertThat(server.json(201, "POST", "/runs?reuse=true", again).get("id").longValue())
                .isEqualTo(3);
        assertThat(server.json(400, "POST", "/runs?reuse=maybe", again).toString())
                .contains("reuse must be true or false");
    }

    @Test
    void whatTheExecutorCannotDoIsRefusedAndCreatesNothing() throws IOException {
        server.codespec("true", "exit 0");
        String twice = "{'job':{'codespec':'true','replicas':2}}";
        assertThat(server.json(400, "POST", "/runs", twice).at("/error/message").stringValue())
                .contains("workers or replicas");
        String image = "{'job':{'codespec':{'kind':'job','image':'i'}}}";
        assertThat(server.json(400, "POST", "/runs", image).at("/error/message").stringValue())
                .contains("has no command");
        String sockets =
                "{'job':{'codespec':{'kind':'job','image':'i','command':['c'],'buffers':{'inputs':['in']},'sockets':[{'port':80,'inputBuffer':'in'}]}}}";
        assertThat(server.json(400, "POST", "/runs", sockets).at("/error/message").stringValue())
                .contains("process executor has no network to offer", "open its pipes instead");
        assertThat(server.get("/runs").get("items")).isEmpty();
        assertThat(server.get("/buffers").get("items")).isEmpty();
    }

    @Test
    void metadataSaysWhatTheExecutorCanDo() throws IOException {
        JsonNode executor = server.get("/metadata").get("executor");
        assertThat(executor.get("name").stringValue()).isEqualTo("process");
        assertThat(executor.get("isolation").stringValue())
                .isIn("bubblewrap", "pid-namespace", "mark");
        assertThat(executor.get("features").toString()).isEqualTo("[\"memoryLimits\"]");
        assertThat(server.get("/metadata").get("capabilities").toString())
                .isEqualTo("[\"LocalBuffers\",\"EphemeralBuffers\"]");
    }
}
