package dev.forebay.base;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Digests that are copies of one. */
class DigestSourceTest {
    @ParameterizedTest
    @ValueSource(strings = {"MD5", "SHA-256"})
    void digestsSideBySideShareNothing(String algorithm) throws NoSuchAlgorithmException {
        DigestSource source = new DigestSource(algorithm);
        MessageDigest one = source.begin();
        one.update("one".getBytes(UTF_8));
        MessageDigest other = source.begin();
        other.update("other".getBytes(UTF_8));
        MessageDigest expected = MessageDigest.getInstance(algorithm);
        assertThat(one.digest()).isEqualTo(expected.digest("one".getBytes(UTF_8)));
        assertThat(other.digest()).isEqualTo(expected.digest("other".getBytes(UTF_8)));
    }
}
