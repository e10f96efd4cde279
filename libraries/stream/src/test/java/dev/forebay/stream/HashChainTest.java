package dev.forebay.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.blob.Md5;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class HashChainTest {
    @Test
    void helloHasTheValuesOfTheReference() {
        Md5 md5 = Md5.of(ByteBuffer.wrap("Hello".getBytes(StandardCharsets.UTF_8)));
        assertThat(md5.base64()).isEqualTo("ixqZU8RhEpaoJ6v4xHgE1w==");
        String first = HashChain.next(HashChain.START, md5);
        assertThat(first).isEqualTo("Be2sTc2k0VLW0/rZazR8uFCREuD5k1d9OtCAk14ns4U=");
        assertThat(HashChain.next(first, Md5.OF_NOTHING))
                .isEqualTo("LV4PrI5mIT9mYkXErCiaIwlu8B8xxyHjH0UKfSKNt2w=");
    }

    @Test
    void anEmptyBufferHasTheValueOfTheReference() {
        assertThat(HashChain.next(HashChain.START, Md5.OF_NOTHING))
                .isEqualTo("IBhjC6CulKsIAVImvFwU+NvluDHEN8fuYcdiV4ufDro=");
    }
}
