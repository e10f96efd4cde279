package dev.forebay.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.blobhttp.AccessUrl;
import dev.forebay.blobhttp.AccessUrlSource;
import dev.forebay.blobhttp.HttpContainer;
import dev.forebay.run.process.ProcessExecutor;
import dev.forebay.run.process.ProcessSettings;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A server with the process executor, asked over HTTP. Programs run as the user of the test. */
final class RunServer implements AutoCloseable {
    private static final int GUARD_MILLIS = 180_000;
    private static final JsonMapper MAPPER = new JsonMapper();

    final ForebayServer server;

    RunServer(Path data, UnaryOperator<ProcessSettings> settings) throws IOException {
        RunConfig.Opening executor =
                (directory, buffers) ->
                        ProcessExecutor.open(
                                settings.apply(
                                        ProcessSettings.in(directory.resolve("runs"))
                                                .withHidden(directory)
                                                .withUser(System.getProperty("user.name"))),
                                buffers);
        server =
                ForebayServer.start(
                        ServerConfig.of(data, 0)
                                .withRuns(new RunConfig(Optional.of(executor), Duration.ZERO)));
    }

    /** An answer whose body is still to be read. */
    HttpURLConnection open(String method, String target, String body, String... header)
            throws IOException {
        String query = (target.contains("?") ? "&" : "?") + "api-version=1.0";
        HttpURLConnection connection =
                (HttpURLConnection)
                        URI.create(server.uri() + target + query).toURL().openConnection();
        connection.setReadTimeout(GUARD_MILLIS);
        connection.setRequestMethod(method);
        connection.setRequestProperty("Content-Type", "application/json");
        for (int i = 0; i < header.length; i += 2) {
            connection.setRequestProperty(header[i], header[i + 1]);
        }
        if (!body.isEmpty()) {
            connection.setDoOutput(true);
            connection.getOutputStream().write(body.replace('\'', '"').getBytes(UTF_8));
        }
        return connection;
    }

    String text(int status, String method, String target, String body, String... header)
            throws IOException {
        HttpURLConnection connection = open(method, target, body, header);
        int found = connection.getResponseCode();
        try (InputStream in =
                found < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            String text = new String(in.readAllBytes(), UTF_8);
            assertThat(found).as("%s %s: %s", method, target, text).isEqualTo(status);
            return text;
        }
    }

    JsonNode json(int status, String method, String target, String body, String... header)
            throws IOException {
        return MAPPER.readTree(text(status, method, target, body, header));
    }

    JsonNode get(String target) throws IOException {
        return json(200, "GET", target, "");
    }

    /** A codespec with an input and an output, whose command is this script. */
    void codespec(String name, String script) throws IOException {
        String body =
                "{'kind':'job','image':'none','command':['sh','-c','%s'],'buffers':{'inputs':['in'],'outputs':['out']}}"
                        .formatted(script.replace("\"", "\\\""));
        json(201, "PUT", "/codespecs/" + name, body);
    }

    String buffer() throws IOException {
        return json(201, "POST", "/buffers", "{}").get("id").stringValue();
    }

    /** The container of a buffer as a client reaches it. */
    HttpContainer container(String id) throws IOException {
        String uri =
                json(201, "POST", "/buffers/" + id + "/access?writeable=true", "{}")
                        .get("uri")
                        .stringValue();
        return new HttpContainer(AccessUrlSource.fixed(new AccessUrl(uri)));
    }

    /** Follows the run until it has ended, however long that takes; its last state. */
    JsonNode awaitEnd(long run) throws IOException {
        String[] lines = text(200, "GET", "/runs/" + run + "?watch=true", "").split("\n", -1);
        assertThat(lines[lines.length - 1]).as("the last line ends with a line feed").isEmpty();
        return MAPPER.readTree(lines[lines.length - 2]);
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
