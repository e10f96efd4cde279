package dev.forebay.record.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.DamagedException;
import dev.forebay.base.Trigger;
import dev.forebay.record.RecordBuffer;
import dev.forebay.testkit.SimulatedDisk;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class JacksonCodecTest {
    record Reading(String sensor, double value, List<String> flags) {}

    private static final Reading READING = new Reading("t/1\n", 21.5, List.of("ok", "ä"));

    @Test
    void recordOfAnyTypeSurvivesAReopening() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        var builder =
                RecordBuffer.<Reading>of(Trigger.atLeast(1))
                        .disk(disk)
                        .journal(Path.of("/buffer"))
                        .codec(JacksonCodec.of(Reading.class));
        try (RecordBuffer<Reading> buffer = builder.open()) {
            buffer.add(READING);
        }
        try (RecordBuffer<Reading> buffer = builder.open()) {
            assertThat(buffer.take(Duration.ZERO).orElseThrow().records()).containsExactly(READING);
        }
    }

    @Test
    void bytesOfAnotherTypeAreDamage() {
        JacksonCodec<Reading> codec = JacksonCodec.of(Reading.class);
        for (String bad : List.of("[1]", "null", "{\"sensor\":")) {
            assertThatThrownBy(() -> codec.decode(bad.getBytes(StandardCharsets.UTF_8)))
                    .isInstanceOf(DamagedException.class);
        }
    }
}
