package dev.forebay.run.oci;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.json.JsonMapper;

/**
 * The calls of an engine's Docker-compatible interface that runs need, in the newest version that
 * the engine has.
 *
 * <p>Every method blocks: those without a handle for {@link #PATIENCE} at most. Safe for use by
 * many threads.
 *
 * @param socket the engine's Unix socket
 */
record Engine(Path socket) {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int FAILED = 400;

    /** What an answer in JSON may have. */
    private static final int LONGEST_ANSWER = 8 << 20;

    private static final JsonMapper MAPPER = new JsonMapper();

    /**
     * A container as it is now.
     *
     * @param started empty if its program never was
     * @param image what it was made from
     * @param outOfMemory the engine says that the limit on memory ended it; not all engines do
     */
    record Found(
            String id,
            Optional<String> image,
            boolean running,
            Optional<Instant> started,
            int exitCode,
            boolean outOfMemory,
            String error) {}

    /** A container of a run. */
    record Listed(String id, Map<String, String> labels) {}

    /** The engine's name and version. */
    String version() throws IOException {
        JsonNode version = get("/version");
        JsonNode first = version.path("Components").path(0);
        String name = first.path("Name").asString("engine");
        return name + " " + version.path("Version").asString("?");
    }

    /** What the image of this name is now; empty if it is not on the machine. */
    Optional<String> imageId(String image) throws IOException {
        try {
            return identity(get("/images/" + image + "/json").path("Id"));
        } catch (EngineException e) {
            if (e.isMissing()) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** An ID, which engines write with and without the name of its digest. */
    private static Optional<String> identity(JsonNode id) {
        String text = id.asString("").replaceFirst("^sha256:", "");
        return text.isEmpty() ? Optional.empty() : Optional.of("image:" + text);
    }

    /**
     * Fetches an image from its registry, however long that takes.
     *
     * @param opened gets the call, to be closed if the image is no longer wanted
     */
    void pull(String image, Consumer<EngineCall> opened) throws IOException {
        String target = "/images/create?fromImage=" + encoded(image) + tag(image);
        try (EngineCall call = open("POST", target, EngineCall.FOREVER)) {
            opened.accept(call);
            try (MappingIterator<JsonNode> lines =
                    MAPPER.readerFor(JsonNode.class).readValues(call.body())) {
                while (lines.hasNext()) {
                    JsonNode error = lines.next().path("error");
                    if (!error.isMissingNode()) {
                        throw new EngineException(FAILED, error.asString());
                    }
                }
            }
        } catch (JacksonException e) {
            throw new IOException("the answer of the engine ended early", e);
        }
    }

    /** Without a tag, all tags would be fetched. */
    private static String tag(String image) {
        boolean named = image.contains("@") || image.lastIndexOf(':') > image.lastIndexOf('/');
        return named ? "" : "&tag=latest";
    }

    /** Makes a container, and says under what ID. */
    String create(String name, JsonNode content) throws IOException {
        byte[] bytes = MAPPER.writeValueAsBytes(content);
        EngineCall.Request request =
                new EngineCall.Request(
                        "POST",
                        "/containers/create?name=" + encoded(name),
                        "application/json",
                        bytes,
                        false);
        try (EngineCall call = open(request, PATIENCE)) {
            return json(call).path("Id").asString();
        }
    }

    void start(String container) throws IOException {
        call("POST", "/containers/" + container + "/start");
    }

    /** Both streams of a container as they are written from now on, in frames; to be closed. */
    EngineCall attach(String container) throws IOException {
        String target = "/containers/" + container + "/attach?stream=1&stdout=1&stderr=1";
        return open(
                new EngineCall.Request("POST", target, "application/json", new byte[0], true),
                EngineCall.FOREVER);
    }

    /** Both streams of a container as the engine kept them, and as they are written on. */
    EngineCall logs(String container) throws IOException {
        String target = "/containers/" + container + "/logs?follow=1&stdout=1&stderr=1";
        return open("GET", target, EngineCall.FOREVER);
    }

    /** Asks to be answered when the container has ended: its body ends then; to be closed. */
    EngineCall await(String container) throws IOException {
        return open("POST", "/containers/" + container + "/wait", EngineCall.FOREVER);
    }

    /** The container with this ID or name; empty if there is none. */
    Optional<Found> find(String container) throws IOException {
        try {
            JsonNode found = get("/containers/" + container + "/json");
            JsonNode state = found.path("State");
            boolean never = state.path("Status").asString("").equals("created");
            return Optional.of(
                    new Found(
                            found.path("Id").asString(),
                            identity(found.path("Image")),
                            state.path("Running").asBoolean(false)
                                    || state.path("Paused").asBoolean(false),
                            never
                                    ? Optional.empty()
                                    : Optional.of(instant(state.path("StartedAt"))),
                            state.path("ExitCode").asInt(0),
                            state.path("OOMKilled").asBoolean(false),
                            state.path("Error").asString("")));
        } catch (EngineException e) {
            if (e.isMissing()) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static Instant instant(JsonNode text) throws IOException {
        try {
            return java.time.OffsetDateTime.parse(text.asString()).toInstant();
        } catch (java.time.format.DateTimeParseException e) {
            throw new IOException("the engine names no time: " + text, e);
        }
    }

    /** Sends a signal; a container that has ended or is gone is left as it is. */
    void kill(String container, String signal) throws IOException {
        try {
            call("POST", "/containers/" + container + "/kill?signal=" + signal);
        } catch (EngineException e) {
            Optional<Found> now = find(container);
            if (now.isPresent() && now.get().running()) {
                throw e;
            }
        }
    }

    /** Ends and removes a container with its volumes; one that is gone is no failure. */
    void remove(String container) throws IOException {
        try {
            call("DELETE", "/containers/" + container + "?force=1&v=1");
        } catch (EngineException e) {
            if (find(container).isPresent()) {
                throw e;
            }
        }
    }

    /** All containers with this label, those that have ended too. */
    List<Listed> list(String label, String value) throws IOException {
        String filters = "{\"label\":[\"%s=%s\"]}".formatted(label, value);
        List<Listed> listed = new ArrayList<>();
        for (JsonNode one : get("/containers/json?all=1&filters=" + encoded(filters))) {
            Map<String, String> labels = new java.util.HashMap<>();
            one.path("Labels").forEachEntry((name, text) -> labels.put(name, text.asString()));
            listed.add(new Listed(one.path("Id").asString(), Map.copyOf(labels)));
        }
        return listed;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private JsonNode get(String target) throws IOException {
        try (EngineCall call = open("GET", target, PATIENCE)) {
            return json(call);
        }
    }

    private void call(String method, String target) throws IOException {
        try (EngineCall _ = open(method, target, PATIENCE)) {
            return;
        }
    }

    private EngineCall open(String method, String target, Duration patience) throws IOException {
        return open(EngineCall.Request.of(method, target), patience);
    }

    /** The call, if the engine did what was asked for. */
    private EngineCall open(EngineCall.Request request, Duration patience) throws IOException {
        EngineCall call = EngineCall.open(socket, patience, request);
        if (call.status() < FAILED) {
            return call;
        }
        try (call) {
            throw new EngineException(call.status(), message(call));
        }
    }

    private static String message(EngineCall call) throws IOException {
        byte[] bytes = call.body().readNBytes(LONGEST_ANSWER);
        try {
            @Nullable JsonNode message = MAPPER.readTree(bytes).get("message");
            if (message != null) {
                return message.asString().strip();
            }
        } catch (JacksonException e) {
            // Text it is, not JSON.
        }
        String text = new String(bytes, StandardCharsets.UTF_8).strip();
        return text.isEmpty() ? "status " + call.status() : text;
    }

    private static JsonNode json(EngineCall call) throws IOException {
        byte[] bytes = call.body().readNBytes(LONGEST_ANSWER);
        try {
            return MAPPER.readTree(bytes);
        } catch (JacksonException e) {
            throw new IOException("the answer of the engine is not JSON", e);
        }
    }
}
