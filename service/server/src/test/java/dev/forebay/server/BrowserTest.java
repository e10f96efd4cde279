package dev.forebay.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.forebay.blob.BlobName;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real browser before stored bytes. Without Chromium it is skipped, unless {@code
 * FOREBAY_REQUIRE_CLIENTS} is set, as it is in CI.
 */
class BrowserTest {
    private static final String ID = "abcdefghijklmnopqrstuvwxyz";
    private static final String SCRIPT = "document.documentElement.dataset.%s = 'ran';";

    @TempDir Path folder;

    @Test
    void storedScriptIsNotExecuted() throws Exception {
        OutsideProgram.need("chromium", "chromium", "--version");
        HttpServer page =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        try (ForebayServer server =
                ForebayServer.start(ServerConfig.of(folder.resolve("data"), 0))) {
            server.containers().create(ID);
            server.containers()
                    .open(ID)
                    .orElseThrow()
                    .put(
                            new BlobName("x.js"),
                            ByteBuffer.wrap(SCRIPT.formatted("stored").getBytes(UTF_8)),
                            null,
                            Map.of());
            String query = server.signer().query(ID, "r", Instant.now(), Duration.ofHours(1));
            String stored = server.uri() + "/containers/" + ID + "/x.js?" + query;
            // The same bytes without the headers do run, or this test would prove nothing.
            serve(page, "/bare.js", "application/octet-stream", SCRIPT.formatted("bare"));
            serve(
                    page,
                    "/",
                    "text/html",
                    "<!doctype html><script src='/bare.js'></script><script src='%s'></script>"
                            .formatted(stored.replace("&", "&amp;")));
            page.start();
            String shown =
                    OutsideProgram.run(
                            folder,
                            Map.of("HOME", folder.toString()),
                            List.of(
                                    "chromium",
                                    "--headless",
                                    "--no-sandbox",
                                    "--disable-gpu",
                                    "--user-data-dir=" + folder.resolve("browser"),
                                    "--dump-dom",
                                    "http://127.0.0.1:%d/".formatted(page.getAddress().getPort())));
            assertThat(shown).contains("data-bare=\"ran\"").doesNotContain("data-stored=\"ran\"");
        } finally {
            page.stop(0);
        }
    }

    private static void serve(HttpServer server, String path, String type, String body) {
        server.createContext(
                path,
                exchange -> {
                    try (exchange) {
                        byte[] bytes = body.getBytes(UTF_8);
                        exchange.getResponseHeaders().set("Content-Type", type);
                        exchange.sendResponseHeaders(200, bytes.length);
                        exchange.getResponseBody().write(bytes);
                    }
                });
    }
}
