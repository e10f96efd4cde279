package dev.forebay.blobhttp;

import static dev.forebay.blobhttp.DataPlane.NAME;
import static dev.forebay.blobhttp.DataPlane.SECRET;
import static dev.forebay.blobhttp.DataPlane.faultOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Durability;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.blob.Lookup;
import dev.forebay.blob.Md5;
import dev.forebay.blob.OpenBlob;
import dev.forebay.blob.PutResult;
import dev.forebay.blob.Wait;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpContainerTest {
    private final DataPlane plane = new DataPlane();
    private final HttpContainer container = plane.container();

    @AfterEach
    void close() {
        container.close();
        plane.close();
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private PutResult put(String text, Map<String, String> metadata) {
        return container.put(NAME, bytes(text), Md5.of(bytes(text)), metadata);
    }

    @Test
    void aBlobComesBackAsItWasPut() {
        assertThat(put("Hello", Map.of("cumulative_hash_chain", "c/+=")))
                .isInstanceOfSatisfying(
                        PutResult.Created.class,
                        made -> assertThat(made.durability()).isEqualTo(Durability.SYNCED));
        BlobInfo info = container.head(NAME).orElseThrow();
        assertThat(info.size()).isEqualTo(5);
        assertThat(info.metadata()).isEqualTo(Map.of("cumulative_hash_chain", "c/+="));
        try (OpenBlob blob = ((Lookup.Found) container.get(NAME, Wait.NONE)).blob()) {
            ByteBuffer body = ByteBuffer.allocateDirect(5);
            blob.readInto(body);
            assertThat(body.flip()).isEqualTo(bytes("Hello"));
        }
        assertThat(plane.requests)
                .containsExactly(
                        "PUT /containers/abc/00/000" + SECRET,
                        "HEAD /containers/abc/00/000" + SECRET,
                        "GET /containers/abc/00/000" + SECRET);
    }

    @Test
    void aTakenNameIsToldAndNothingIsChanged() {
        put("Hello", Map.of());
        assertThat(put("other", Map.of())).isInstanceOf(PutResult.Exists.class);
        assertThat(plane.container.body(NAME)).asString(StandardCharsets.UTF_8).isEqualTo("Hello");
    }

    @ParameterizedTest
    @CsvSource({"409,BlobAlreadyExists", "412,ConditionNotMet", "412,''"})
    void otherWordsForATakenNameAreUnderstood(int status, String code) {
        plane.interference =
                exchange -> {
                    DataPlane.refuse(exchange, status, code, "");
                    return true;
                };
        assertThat(put("Hello", Map.of())).isInstanceOf(PutResult.Exists.class);
    }

    @Test
    void aBodyThatDoesNotMatchItsDigestIsToldAsThat() {
        assertThat(container.put(NAME, bytes("Hello"), Md5.OF_NOTHING, Map.of()))
                .isInstanceOf(PutResult.DigestMismatch.class);
        assertThat(plane.container.names()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "403,AuthenticationFailed,BAD_CREDENTIAL",
        "403,AuthorizationPermissionMismatch,NOT_PERMITTED",
        "404,ContainerNotFound,MISSING_CONTAINER",
        "400,InvalidBlobName,BAD_REQUEST",
        "413,'',BAD_REQUEST",
        "429,'',THROTTLED",
        "500,'',UNAVAILABLE",
        "503,'',UNAVAILABLE",
        "501,'',BAD_REQUEST",
        "507,'',NO_SPACE",
        "504,'',TIMED_OUT",
        "302,'',FAILED",
        "404,'',BAD_REQUEST",
        "200,'',FAILED"
    })
    void everyAnswerHasItsClass(int status, String code, Fault fault) {
        plane.interference =
                exchange -> {
                    exchange.getResponseHeaders().set("Location", "/containers/abc/other");
                    DataPlane.refuse(exchange, status, code, "for sig=... " + SECRET);
                    return true;
                };
        plane.requests.clear();
        assertThat(faultOf(() -> put("Hello", Map.of()))).isEqualTo(fault);
        assertThat(plane.requests).hasSize(1);
    }

    @Test
    void aBlobWithoutADigestIsRefused() {
        plane.interference =
                exchange -> {
                    exchange.sendResponseHeaders(200, 4);
                    exchange.getResponseBody().write(new byte[4]);
                    return true;
                };
        assertThat(faultOf(() -> container.get(NAME, Wait.NONE))).isEqualTo(Fault.FAILED);
    }

    @Test
    void anAcknowledgementThatNamesNoDurabilityIsBelievedToBeWritten() {
        plane.durability = null;
        assertThat(put("Hello", Map.of()))
                .isInstanceOfSatisfying(
                        PutResult.Created.class,
                        made -> assertThat(made.durability()).isEqualTo(Durability.WRITTEN));
    }

    @Test
    void aWaitingGetIsWokenByTheBlob() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Lookup> waiting =
                    threads.submit(() ->
                            container.get(
                                    NAME,
                                    Wait.upTo(Duration.ofSeconds(20), new BlobName(".bufferend"))));
            plane.clock.awaitWaiters(1);
            put("Hello", Map.of());
            assertThat(waiting.get())
                    .isInstanceOfSatisfying(
                            Lookup.Found.class,
                            found -> {
                                try (OpenBlob blob = found.blob()) {
                                    assertThat(blob.info().size()).isEqualTo(5);
                                }
                            });
        }
    }

    @Test
    void whetherTheOtherSideWaitedIsTold() {
        container.put(new BlobName(".bufferend"), bytes("{}"), Md5.of(bytes("{}")), Map.of());
        Wait wait = Wait.upTo(Duration.ofSeconds(20), new BlobName(".bufferend"));
        assertThat(container.get(NAME, wait)).isEqualTo(new Lookup.Absent(true));
        plane.waits = false;
        assertThat(container.get(NAME, wait)).isEqualTo(new Lookup.Absent(false));
        assertThat(container.get(NAME, Wait.NONE)).isEqualTo(new Lookup.Absent(false));
    }
}
