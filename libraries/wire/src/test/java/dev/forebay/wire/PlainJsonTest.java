package dev.forebay.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainJsonTest {
    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    @Test
    void valuesComeBackAsTheyWent() {
        Map<String, Object> value = new LinkedHashMap<>();
        value.put("z", "\"quoted\" \u00e4\u2028\ud83c\udf0a");
        value.put("a", Arrays.asList(1, -2L, 0.5, true, false, null, List.of(), Map.of()));
        value.put("big", 9_007_199_254_740_993L);

        byte[] text = PlainJson.write(value);

        assertThat(String.valueOf(PlainJson.read(text))).isEqualTo(value.toString());
        assertThat(String.valueOf(PlainJson.read(bytes(PlainJson.writeIndented(value)))))
                .isEqualTo(value.toString());
        assertThat(new String(text, UTF_8)).startsWith("{\"z\":").endsWith("9007199254740993}");
    }

    @Test
    void indentedTextIsThatOfTheOtherCodec() {
        Object value = PlainJson.readObject(bytes("{\"a\":[1,{\"b\":null}],\"c\":{},\"d\":[]}"));

        assertThat(PlainJson.writeIndented(value)).isEqualTo(Json.writeIndented(value));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "[1,]",
                "{\"a\":1,\"a\":2}",
                "1 2",
                "{a:1}",
                "nul",
                "\"a",
                "]"
            })
    void whatIsNotOneValueIsRefused(String text) {
        assertThatThrownBy(() -> PlainJson.read(bytes(text)))
                .isInstanceOf(WireFormatException.class);
    }

    @Test
    void depthIsBounded() {
        assertThatThrownBy(() -> PlainJson.read(bytes("[".repeat(100_000))))
                .isInstanceOf(WireFormatException.class);
    }

    @Test
    void anObjectIsExpectedWhereOneIsAskedFor() {
        assertThatThrownBy(() -> PlainJson.readObject(bytes("[]")))
                .isInstanceOf(WireFormatException.class)
                .hasMessage("expected an object");
        assertThatThrownBy(() -> PlainJson.write(Map.of("at", new Object())))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
