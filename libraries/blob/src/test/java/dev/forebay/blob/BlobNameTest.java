package dev.forebay.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlobNameTest {
    @ParameterizedTest
    @ValueSource(
            strings = {".bufferstart", "00/000", "12/00/00/00/000", "a", "a.b-c_d", ".a/.b", "A-1"})
    void aLegalNameIsTaken(String text) {
        assertThat(new BlobName(text).text()).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "/", "/a", "a/", "a//b", "..", "../a", "a/../b", ".", "a.", "a-", "-a", "a..b",
                "a b", "ä", "a=", "a\0"
            })
    void anIllegalNameIsRefused(String text) {
        assertThat(BlobName.isValid(text)).isFalse();
        assertThatThrownBy(() -> new BlobName(text)).hasMessageContaining("illegal blob name");
    }

    @Test
    void aMegabyteOfHostileNameIsRefusedWithoutBeingPrinted() {
        assertThatThrownBy(() -> new BlobName("a.".repeat(1 << 19)))
                .hasMessageContaining("1048576 characters")
                .message()
                .hasSizeLessThan(300);
    }
}
