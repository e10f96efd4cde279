package dev.forebay.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JsonTest {
    record Sample(
            String id,
            boolean flag,
            int count,
            @Nullable Instant at,
            @Nullable Duration ttl,
            Map<String, String> tags) {}

    private static Sample read(String text) {
        return Json.read(text.getBytes(UTF_8), Sample.class);
    }

    @Test
    void defaultsAreLeftOutAndEmptyObjectsStay() {
        Sample sample = new Sample("a", false, 0, null, null, Map.of());
        assertThat(new String(Json.write(sample), UTF_8)).isEqualTo("{\"id\":\"a\",\"tags\":{}}");
    }

    @Test
    void timesAndDurationsHaveOneForm() {
        Sample sample =
                new Sample(
                        "a",
                        true,
                        1,
                        Instant.parse("2024-01-25T18:20:49.951262123Z"),
                        Duration.ofMinutes(1),
                        Map.of());
        assertThat(new String(Json.write(sample), UTF_8))
                .isEqualTo(
                        "{\"id\":\"a\",\"flag\":true,\"count\":1,\"at\":\"2024-01-25T18:20:49.951262+00:00\",\"ttl\":\"00:01:00\",\"tags\":{}}");
    }

    @Test
    void namesAreReadWithoutCaseAndTrailingCommasAndQuotedNumbersAreTaken() {
        Sample sample =
                read("{\"ID\":\"x\",\"Count\":\"7\",\"at\":\"2024-01-25T20:20:49+02:00\",}");
        assertThat(sample.id()).isEqualTo("x");
        assertThat(sample.count()).isEqualTo(7);
        assertThat(sample.at()).isEqualTo(Instant.parse("2024-01-25T18:20:49Z"));
    }

    @Test
    void theYearOneIsATime() {
        assertThat(Times.parse("0001-01-01T00:00:00Z"))
                .isEqualTo(Instant.parse("0001-01-01T00:00:00Z"));
    }

    @Test
    void whatIsNotTheTypeIsRefusedWithThePath() {
        assertThatThrownBy(() -> read("{\"foo\":1}"))
                .isInstanceOf(WireFormatException.class)
                .hasMessageContaining("foo");
        assertThatThrownBy(() -> read("{\"tags\":{\"a\":1}}")).hasMessageContaining("$.tags.a");
        assertThatThrownBy(() -> read("{\"at\":\"noon\"}")).hasMessageContaining("$.at");
        for (String bad : List.of("", "null", "[]", "{} {}", "{\"id\":\"a\",\"id\":\"b\"}")) {
            assertThatThrownBy(() -> read(bad)).isInstanceOf(WireFormatException.class);
        }
    }

    @Test
    void complaintsAreInTheWordsOfJson() {
        String[][] rows = {
            {
                "{\"foo\":1}",
                "Unrecognized property 'foo'; expected one of at, count, flag, id, tags, ttl Path: $.foo."
            },
            {"{\"tags\":5}", "expected an object Path: $.tags."},
            {"{\"tags\":{\"a\":1}}", "'1' is not a text Path: $.tags.a."},
            {"{\"flag\":\"x\"}", "expected true or false Path: $.flag."},
            {"{\"flag\":\"true\"}", "expected true or false Path: $.flag."},
            {"{\"flag\":1}", "'1' is not true or false Path: $.flag."},
            {
                "{\"tags\":{},\"Tags\":{}}",
                "Duplicate property; names are compared without case Path: $.Tags."
            },
            {"{\"count\":[]}", "expected a number Path: $.count."},
            {"{\"at\":\"noon\"}", "'noon' is not a time such as 2026-01-31T12:00:00Z Path: $.at."},
            {"{\"ttl\":{}}", "expected a duration such as 1.12:30:00 Path: $.ttl."},
            {"{} {}", "expected nothing after the value Path: $."},
            {"[]", "expected an object Path: $."},
        };
        for (String[] row : rows) {
            assertThatThrownBy(() -> read(row[0])).as(row[0]).hasMessage(row[1]);
        }
    }

    @Test
    void durationsOfTheServerAreRead() {
        assertThat(TimeSpan.parse("0")).isZero();
        assertThat(TimeSpan.parse("2")).isEqualTo(Duration.ofDays(2));
        assertThat(TimeSpan.parse("0.00:01:00")).isEqualTo(Duration.ofMinutes(1));
        assertThat(TimeSpan.parse("01:00:00")).isEqualTo(Duration.ofHours(1));
        assertThat(TimeSpan.parse("1:2")).isEqualTo(Duration.ofMinutes(62));
        assertThat(TimeSpan.parse("00:00:00.5")).isEqualTo(Duration.ofMillis(500));
        assertThat(TimeSpan.format(Duration.ofDays(1).plusMillis(5)))
                .isEqualTo("1.00:00:00.0050000");
        for (String bad : List.of("", "-1", "1d", "24:00", "00:60", "99999999", "1:2:3:4")) {
            assertThatThrownBy(() -> TimeSpan.parse(bad))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void lifetimesOfTheCommandLineAreRead() {
        assertThat(Ttl.parse(" 1.02:03:04 ")).isEqualTo(TimeSpan.parse("1.02:03:04"));
        assertThat(Ttl.parse("1.02")).isEqualTo(Duration.ofHours(26));
        assertThat(Ttl.format(Duration.ofMinutes(90))).isEqualTo("0.01:30:00");
        for (String bad : List.of("1d", "-1", "1:00:00:00", "1.0", "", "1.24", "0.00:60")) {
            assertThatThrownBy(() -> Ttl.parse(bad)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
