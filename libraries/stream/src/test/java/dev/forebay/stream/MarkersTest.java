package dev.forebay.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.DamagedException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MarkersTest {
    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void theMarkersOfTheReferenceAreRead() {
        assertThat(StartMarker.parse(bytes("{\"version\":\"0.3.0\"}")).writer()).isEmpty();
        assertThat(EndMarker.parse(bytes("{\"status\":\"complete\"}")).failed()).isFalse();
        assertThat(EndMarker.parse(bytes("{\"status\":\"failed\"}")).failed()).isTrue();
    }

    @Test
    void ourMarkersAreReadBack() {
        StartMarker start = StartMarker.of("one-of-many");
        assertThat(StartMarker.parse(start.body())).isEqualTo(start);
        EndMarker end = EndMarker.complete(7, OptionalLong.of(100), 650, "chain=");
        assertThat(EndMarker.parse(end.body())).isEqualTo(end);
        assertThat(end.body().remaining()).isLessThanOrEqualTo(MarkerJson.LARGEST);
        assertThat(EndMarker.parse(EndMarker.ofFailure().body()).failed()).isTrue();
    }

    @Test
    void fieldsOfNewerWritersDoNotDisturb() {
        EndMarker end =
                EndMarker.parse(
                        bytes(
                                " { \"x\" : [ 1 , {\"y\":null} , [] ] , \"status\":\"com\\u0070lete\","
                                        + "\"totalSize\":1e3, \"blobCount\": 2.0, \"z\":-0.5e-1 }\n"));
        assertThat(end.status()).isEqualTo("complete");
        assertThat(end.totalSize()).hasValue(1000);
        assertThat(end.blobCount()).hasValue(2);
        assertThat(end.hashChain()).isEqualTo(Optional.empty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{",
                "{}",
                "{\"status\":1}",
                "{\"status\":\"complete\"",
                "{\"status\":\"complete\"}}",
                "{\"status\":\"complete\",}",
                "{status:\"complete\"}",
                "{\"status\":\"complete\",\"status\":\"failed\"}",
                "{\"status\":\"complete\",\"totalSize\":-1}",
                "{\"status\":\"complete\",\"totalSize\":1.5}",
                "{\"status\":\"complete\",\"totalSize\":1e999}",
                "{\"status\":\"complete\",\"totalSize\":1e9999999999}",
                "{\"status\":\"complete\",\"totalSize\":01}",
                "{\"status\":\"complete\",\"a\":tru}",
                "{\"status\":\"complete\",\"a\":\"\\x\"}",
                "{\"status\":\"complete\",\"a\":\"\\u12\"}",
                "{\"status\":\"complete\",\"a\":\"\n\"}"
            })
    void whatIsNoEndMarkerIsRefused(String text) {
        assertThatThrownBy(() -> EndMarker.parse(bytes(text)))
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining(".bufferend");
    }

    @Test
    void markersThatAreTooLargeOrTooDeepAreRefused() {
        String large = "{\"status\":\"complete\",\"a\":\"" + "x".repeat(4096) + "\"}";
        assertThatThrownBy(() -> EndMarker.parse(bytes(large)))
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("4096");
        String deep = "{\"a\":" + "[".repeat(2000) + "]".repeat(2000) + "}";
        assertThatThrownBy(() -> EndMarker.parse(bytes(deep)))
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("levels");
    }

    @Test
    void anotherVersionIsRefused() {
        assertThatThrownBy(() -> StartMarker.parse(bytes("{\"version\":\"0.2.0\"}")))
                .isInstanceOf(UnsupportedFormatException.class)
                .hasMessageContaining("unsupported format buffer version");
    }

    @Test
    void noChangedMarkerDoesAnythingButParseOrBeRefused() {
        Random random = new Random(11);
        byte[] good = EndMarker.complete(7, OptionalLong.of(100), 650, "chain=").body().array();
        int refused = 0;
        for (int i = 0; i < 50_000; i++) {
            byte[] changed = good.clone();
            for (int n = random.nextInt(4); n >= 0; n--) {
                int at = random.nextInt(changed.length);
                changed[at] =
                        random.nextBoolean()
                                ? (byte) random.nextInt(256)
                                : good[random.nextInt(good.length)];
            }
            try {
                EndMarker.parse(ByteBuffer.wrap(changed, 0, 1 + random.nextInt(changed.length)));
            } catch (DamagedException e) {
                refused++;
            }
        }
        assertThat(refused).isBetween(1, 49_999);
    }
}
