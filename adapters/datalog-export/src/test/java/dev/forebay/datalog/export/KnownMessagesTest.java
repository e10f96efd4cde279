package dev.forebay.datalog.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KnownMessagesTest {
    @Test
    void whatIsEncodedIsDecodedAgain() {
        Map<String, Object> event =
                Map.of(
                        "type", "test:event",
                        "start_time", "2026-09-21T14:13:20.000000001Z",
                        "end_time", "1969-12-31T23:59:59.500Z",
                        "level", "LEVEL_HIGH",
                        "parameters",
                                List.of(
                                        Map.of("label", "a", "int_value", "-9223372036854775808"),
                                        Map.of("label", "b", "uint_value", "18446744073709551615"),
                                        Map.of("label", "c", "float_value", 0.1),
                                        Map.of("label", "d", "duration", "-1.500000000s"),
                                        Map.of("label", "e", "bool_value", true)),
                        "log_preserve_hint", 7L);
        ByteBuffer bytes = KnownMessages.encode(KnownMessages.EVENT, event);
        assertThat(KnownMessages.decode(KnownMessages.EVENT, bytes)).contains(event);
    }

    @Test
    void fieldsThatCannotBeEncodedAreNamed() {
        for (Map<String, Object> wrong :
                List.<Map<String, Object>>of(
                        Map.of("level", "LEVEL_LOUD"),
                        Map.of("timestamp", "yesterday"),
                        Map.of("message", 7),
                        Map.of("colour", "red"))) {
            assertThatThrownBy(() -> KnownMessages.encode(KnownMessages.TEXT, wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(wrong.keySet().iterator().next());
        }
    }

    @Test
    void bytesThatAreNoMessageAreNotDecoded() {
        for (byte[] wrong :
                List.of(
                        new byte[] {0x0A, 0x7F},
                        new byte[] {0x0A, 0x01, (byte) 0xFF},
                        new byte[] {0x08, 0x01},
                        new byte[] {(byte) 0xFF})) {
            assertThat(KnownMessages.decode(KnownMessages.TEXT, ByteBuffer.wrap(wrong))).isEmpty();
        }
        assertThat(KnownMessages.decode("other.Type", ByteBuffer.allocate(0))).isEmpty();
    }
}
