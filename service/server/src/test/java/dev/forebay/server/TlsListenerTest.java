package dev.forebay.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Disk;
import dev.forebay.base.Durability;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Md5;
import dev.forebay.blob.PutResult;
import dev.forebay.blob.SmallBlob;
import dev.forebay.blobhttp.AccessUrl;
import dev.forebay.blobhttp.AccessUrlSource;
import dev.forebay.blobhttp.HttpContainer;
import dev.forebay.blobhttp.HttpTimeouts;
import dev.forebay.blobhttp.TlsTrust;
import dev.forebay.identity.Authority;
import dev.forebay.testkit.ManualClock;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A server with two listeners: plain HTTP, and TLS with ALPN. Time stands still, so that no wait
 * ends because it was long enough.
 */
class TlsListenerTest {
    private static final String ID = "encrypted";

    /** The renewal of the certificate sleeps, too. */
    private static final int SLEEPERS = Rest.SLEEPERS + 1;

    private static final int GUARD_SECONDS = 120;

    @TempDir Path directory;
    private final ManualClock clock = new ManualClock(Instant.now());
    private final ParkedGauge gauge = new ParkedGauge();
    private Tls tls;
    private ForebayServer server;
    private URI secure;

    @BeforeEach
    void start() throws Exception {
        Path data = directory.resolve("data");
        ServerConfig config =
                ServerConfig.of(data, 0).withGrace(Duration.ofSeconds(30)).withTls(TlsConfig.of(0));
        server = ForebayServer.start(config, Disk.system(), clock, gauge);
        tls = Tls.trusting(data);
        secure = server.uris().getLast();
        server.containers().create(ID);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private String target(String name) {
        String query = server.signer().query(ID, "cr", clock.wall(), Duration.ofMinutes(30));
        return "/containers/" + ID + "/" + name + "?" + query;
    }

    private HttpRequest.Builder request(String target) {
        return HttpRequest.newBuilder(URI.create(secure + target))
                .timeout(Duration.ofSeconds(GUARD_SECONDS));
    }

    private HttpRequest follow(String name) {
        return request(target(name)).header("Prefer", "wait=20").build();
    }

    private int put(HttpClient client, String name, String body) throws Exception {
        HttpRequest put = request(target(name)).PUT(BodyPublishers.ofString(body)).build();
        return client.send(put, BodyHandlers.discarding()).statusCode();
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void waitingGetIsAnsweredOnceItsBlobIsThere(Version version) throws Exception {
        try (HttpClient client = tls.client(version)) {
            CompletableFuture<HttpResponse<String>> waiting =
                    client.sendAsync(follow("00/000"), BodyHandlers.ofString());
            gauge.awaitCount(1);
            clock.awaitWaiters(SLEEPERS + 1);
            assertThat(waiting).isNotDone();

            assertThat(put(client, "00/000", "Hello")).isEqualTo(201);

            HttpResponse<String> answer = waiting.get(GUARD_SECONDS, TimeUnit.SECONDS);
            assertThat(answer.version()).isEqualTo(version);
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo("Hello");
            assertThat(answer.headers().firstValue("Request-Id")).isPresent();
        }
        gauge.awaitCount(0);
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void clientThatEndsItsWaitFreesItsRequestAtOnce(Version version) throws Exception {
        try (HttpClient client = tls.client(version)) {
            CompletableFuture<HttpResponse<String>> waiting =
                    client.sendAsync(follow("00/000"), BodyHandlers.ofString());
            gauge.awaitCount(1);
            clock.awaitWaiters(SLEEPERS + 1);

            waiting.cancel(true);

            gauge.awaitCount(0);
            assertThat(put(client, "00/000", "Hello")).isEqualTo(201);
        }
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void clientThatWasGoneBeforeTheWaitHoldsNoRequest(Version version) throws Exception {
        gauge.parkOnlyOnceClientIsGone();
        try (HttpClient client = tls.client(version)) {
            CompletableFuture<HttpResponse<String>> waiting =
                    client.sendAsync(follow("00/000"), BodyHandlers.ofString());
            gauge.awaitCount(1);
            waiting.cancel(true);
            gauge.awaitCount(0);
        }
    }

    @Test
    void blobsGoTogetherOverTlsAsWithoutIt() throws Exception {
        AccessUrl url = new AccessUrl(secure + target("").replace("/?", "?"));
        try (HttpContainer container =
                new HttpContainer(
                        AccessUrlSource.fixed(url),
                        HttpTimeouts.defaults(),
                        Durability.SYNCED,
                        TlsTrust.ofFile(tls.pem()))) {
            container.put(new BlobName("first"), ByteBuffer.allocate(1), null, Map.of());
            assertThat(container.mostAtOnce()).isEqualTo(SmallBlob.MOST);
            List<SmallBlob> blobs = new ArrayList<>();
            for (int i = 0; i < SmallBlob.MOST; i++) {
                ByteBuffer body = ByteBuffer.allocate(SmallBlob.MOST_BYTES / SmallBlob.MOST);
                body.putInt(0, i);
                BlobName name = new BlobName("b/" + i);
                blobs.add(new SmallBlob(name, List.of(body), Md5.of(body), Map.of()));
            }
            assertThat(container.putAll(blobs))
                    .hasSize(SmallBlob.MOST)
                    .hasOnlyElementsOfType(PutResult.Created.class);
            for (SmallBlob blob : blobs) {
                assertThat(container.head(blob.name()).orElseThrow().md5()).isEqualTo(blob.md5());
            }
        }
        try (Wire wire = new Wire(server.uri())) {
            String metrics = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
            assertThat(wire.send(metrics).answer(true).text())
                    .contains("{method=\"POST\",route=\"/containers/{id}\",status=\"200\"} 1\n");
        }
    }

    @Test
    void connectionThatIsClosedUnderTlsFreesItsRequestAtOnce() throws Exception {
        try (SSLSocket socket =
                (SSLSocket)
                        tls.context()
                                .getSocketFactory()
                                .createSocket(secure.getHost(), secure.getPort())) {
            String head =
                    "GET " + target("00/000") + " HTTP/1.1\r\nHost: localhost\r\nPrefer: wait=20";
            socket.getOutputStream().write((head + "\r\n\r\n").getBytes(UTF_8));
            gauge.awaitCount(1);
            clock.awaitWaiters(SLEEPERS + 1);
        }
        gauge.awaitCount(0);
    }

    @Test
    void closedHttp2ConnectionFreesAllItsRequests() throws Exception {
        HttpClient client = tls.client(Version.HTTP_2);
        put(client, "ready", "x"); // One connection for all that follows.
        List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            waiting.add(client.sendAsync(follow("00/00" + i), BodyHandlers.ofString()));
        }
        gauge.awaitCount(10);
        clock.awaitWaiters(SLEEPERS + 10); // Their watches have begun.
        client.shutdownNow();
        gauge.awaitCount(0);
        client.close();
        assertThat(waiting).allMatch(CompletableFuture::isCompletedExceptionally);
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void stoppingServerAnswersWaitingRequests(Version version) throws Exception {
        try (HttpClient client = tls.client(version)) {
            CompletableFuture<HttpResponse<String>> waiting =
                    client.sendAsync(follow("00/000"), BodyHandlers.ofString());
            gauge.awaitCount(1);
            clock.awaitWaiters(SLEEPERS + 1);
            server.close();
            assertThat(waiting.get(GUARD_SECONDS, TimeUnit.SECONDS).statusCode()).isEqualTo(503);
        }
    }

    /** Takes every certificate: it looks at what a server shows, by another clock than its own. */
    private static final class Curious extends X509ExtendedTrustManager {
        private volatile @Nullable X509Certificate shown;

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
            shown = chain[0];
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
            shown = chain[0];
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
            shown = chain[0];
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            throw new CertificateException("this is a client");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            throw new CertificateException("this is a client");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            throw new CertificateException("this is a client");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    /** What the server shows to a client that shakes hands now. */
    private X509Certificate shown() throws Exception {
        Curious curious = new Curious();
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {curious}, null);
        try (SSLSocket socket =
                (SSLSocket)
                        context.getSocketFactory()
                                .createSocket(secure.getHost(), secure.getPort())) {
            socket.setSoTimeout(1000 * GUARD_SECONDS);
            socket.startHandshake();
        }
        return Objects.requireNonNull(curious.shown);
    }

    @Test
    void renewedCertificateIsShownToTheNextClientWithoutARestart() throws Exception {
        X509Certificate first = shown();
        assertThat(shown()).isEqualTo(first);
        clock.advance(Authority.LEAF_LIFETIME.minus(Authority.RENEW_BEFORE).plusDays(1));
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(GUARD_SECONDS);
        X509Certificate now = shown();
        while (now.equals(first)) {
            assertThat(System.nanoTime() - deadline).as("renewed in time").isNegative();
            now = shown();
        }
        assertThat(now.getNotAfter()).isAfter(first.getNotAfter());
        assertThat(now.getIssuerX500Principal()).isEqualTo(first.getIssuerX500Principal());
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void accessUrlsLeadToTheListenerThatWasAsked(Version version) throws Exception {
        try (HttpClient client = tls.client(version)) {
            HttpRequest create =
                    request("/buffers?api-version=1.0")
                            .header("Content-Type", "application/json")
                            .POST(BodyPublishers.ofString("{}"))
                            .build();
            String id =
                    client.send(create, BodyHandlers.ofString())
                            .body()
                            .replaceAll(".*\"id\":\"([^\"]+)\".*", "$1");
            HttpRequest access =
                    request("/buffers/" + id + "/access?api-version=1.0")
                            .POST(BodyPublishers.noBody())
                            .build();
            assertThat(client.send(access, BodyHandlers.ofString()).body())
                    .contains("\"uri\":\"" + secure + "/containers/" + id + "?");
        }
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void largeBodyComesBackAsItWasSent(Version version) throws Exception {
        byte[] body = new byte[(20 << 20) + 7];
        new java.util.Random(5).nextBytes(body);
        try (HttpClient client = tls.client(version)) {
            HttpRequest put =
                    request(target("00/000")).PUT(BodyPublishers.ofByteArray(body)).build();
            assertThat(client.send(put, BodyHandlers.discarding()).statusCode()).isEqualTo(201);
            HttpRequest get = request(target("00/000")).build();
            assertThat(client.send(get, BodyHandlers.ofByteArray()).body()).isEqualTo(body);
        }
    }
}
