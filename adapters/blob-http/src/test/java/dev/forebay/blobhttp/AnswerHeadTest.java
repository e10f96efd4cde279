package dev.forebay.blobhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerHeadTest {
    /** A bar is the end of a line. */
    private static AnswerHead parse(String text) throws MalformedAnswerException {
        byte[] bytes = text.replace("|", "\r\n").getBytes(StandardCharsets.ISO_8859_1);
        return AnswerHead.parse(bytes, bytes.length);
    }

    @Test
    void statusAndHeadersAreReadAndNamesComparedWithoutCase() throws Exception {
        AnswerHead head =
                parse("HTTP/1.1 201 Created|X-One:  a b |CONTENT-length: 5|x-one: second||");
        assertThat(head.status()).isEqualTo(201);
        assertThat(head.first("x-ONE")).contains("a b");
        assertThat(head.length()).hasValue(5);
        assertThat(head.keepsOpen()).isTrue();
        assertThat(head.isChunked()).isFalse();
    }

    @Test
    void linesWithoutReturnAndStatusWithoutReasonAreRead() throws Exception {
        AnswerHead head = parse("HTTP/1.1 404\nX-One:\t1\nX-Two: \u00e4\n\nno: header\n");
        assertThat(head.status()).isEqualTo(404);
        assertThat(head.first("X-One")).contains("1");
        assertThat(head.first("X-Two")).contains("\u00e4");
        assertThat(head.headers()).hasSize(2);
    }

    @Test
    void sameLengthTwiceIsOneLength() throws Exception {
        AnswerHead head = parse("HTTP/1.1 200 OK|Content-Length: 5|Content-Length: 5||");
        assertThat(head.length()).hasValue(5);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.0 200 OK||",
                "HTTP/1.1 200 OK|Connection: close||",
                "HTTP/1.1 200 OK|connection: x, Close||"
            })
    void aConnectionThatTheServerClosesIsNotKept(String text) throws Exception {
        assertThat(parse(text).keepsOpen()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "HTTP/2 200 OK||",
                "HTTP/1.1 20 OK||",
                "HTTP/1.1 700 OK||",
                "http/1.1 200 OK||",
                "HTTP/1.1 200 OK|no colon||",
                "HTTP/1.1 200 OK|: no name||",
                "HTTP/1.1 200 OK|a name: x||",
                "HTTP/1.1 200 OK|X: a| folded||",
                "HTTP/1.1 200 OK|X: a\0b||",
                "HTTP/1.1 200 OK|X: a\rb||",
                "HTTP/1.1 200OK||",
                "HTTP/1.1 2x0 OK||",
                "HTTP/1.1 200 O\0K||"
            })
    void whatIsNoHeadIsRefused(String text) {
        assertThatThrownBy(() -> parse(text)).isInstanceOf(MalformedAnswerException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: -1",
                "Content-Length: 5x",
                "Content-Length: ",
                "Content-Length: 5, 5",
                "Content-Length: 5|Content-Length: 6",
                "Content-Length: 9999999999999999999"
            })
    void aLengthThatIsNoneIsRefused(String header) throws Exception {
        AnswerHead head = parse("HTTP/1.1 200 OK|" + header + "||");
        assertThatThrownBy(head::length).isInstanceOf(MalformedAnswerException.class);
    }

    @Test
    void randomBytesAreAHeadOrRefused() {
        Random random = new Random(11);
        byte[] valid =
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\n"
                        .getBytes(StandardCharsets.ISO_8859_1);
        int heads = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = valid.clone();
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            try {
                assertThat(AnswerHead.parse(bytes, bytes.length).status()).isBetween(100, 599);
                heads++;
            } catch (MalformedAnswerException e) {
                assertThat(e).hasMessageStartingWith("malformed answer: expected ");
            }
        }
        assertThat(heads).isBetween(1, 19_999);
    }
}
