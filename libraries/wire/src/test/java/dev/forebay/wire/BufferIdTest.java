package dev.forebay.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BufferIdTest {
    @Test
    void randomIdsAreValidAndDiffer() {
        Random random = new Random(7);
        assertThat(Stream.generate(() -> BufferId.random(random)).limit(1000))
                .allMatch(BufferId::isValid)
                .allMatch(id -> id.matches("[a-z2-7]{26}"))
                .doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "abc",
                "aaaaaaaaaaaaaaaaaaaaaaaaa",
                "aaaaaaaaaaaaaaaaaaaaaaaaaaa",
                "Aaaaaaaaaaaaaaaaaaaaaaaaaa",
                "1aaaaaaaaaaaaaaaaaaaaaaaaa",
                "aaaaaaaaaaaaaaaaaaaaaaaa\u0000a"
            })
    void anyOtherTextIsNoId(String text) {
        assertThat(BufferId.isValid(text)).isFalse();
    }
}
