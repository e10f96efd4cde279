package dev.forebay.blobhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which servers a proxy stands before; that requests then go through it is tested by commands. */
class HttpProxyTest {
    private final Map<String, String> variables = new HashMap<>();

    @Test
    void proxyThatIsGivenHoldsForEveryServer() {
        HttpProxy proxy = HttpProxy.at("http://a%40b:c+d@[::1]:3128/");
        assertThat(proxy.to(URI.create("http://127.0.0.1:7720")))
                .hasValueSatisfying(hop -> {
                    assertThat(hop.host()).isEqualTo("::1");
                    assertThat(hop.port()).isEqualTo(3128);
                    // The name and the password a@b:c+d.
                    assertThat(hop.authorization()).contains("Basic YUBiOmMrZA==");
                    assertThat(hop).hasToString("[::1]:3128");
                });
        assertThat(proxy).hasToString("http://[::1]:3128");
        assertThat(HttpProxy.at("proxy").to(URI.create("https://far.example")))
                .hasValueSatisfying(hop -> assertThat(hop).hasToString("proxy:80"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "socks5://me:secret@proxy:1080",
                "https://me:secret@proxy",
                "http://me:secret@proxy/path",
                "http://me:secret@proxy:99999",
                "http://me:sec ret@proxy:3128",
                "me:secret@"
            })
    void whatIsNoProxyIsRefusedWithoutItsPassword(String text) {
        assertThatThrownBy(() -> HttpProxy.at(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected http://HOST:PORT")
                .hasMessageNotContainingAny("secret", "sec ret")
                .hasNoCause();
    }

    @ParameterizedTest
    @CsvSource({
        "https://far.example, '', true",
        "http://far.example, '', false",
        "https://localhost:7443, '', false",
        "https://127.0.0.2, '', false",
        "https://[::1], '', false",
        "https://far.example, *, false",
        "https://far.example, 'near.example, far.example', false",
        "https://below.far.example, far.example, false",
        "https://notfar.example, far.example, true",
        "https://FAR.example, .far.example, true",
        "https://below.FAR.example, .far.example, false",
        "https://far.example:8443, far.example:443, true",
        "https://far.example, far.example:443, false",
        "https://10.1.2.3, 10.0.0.0/8, false",
        "https://11.1.2.3, 10.0.0.0/8, true",
        "https://10.1.2.3, 10.1.2.3, false",
        "https://10.1.2.3, 10.1.2, true",
        "https://10.1.2.3, 'fe80::/10, 10.1.2.3/nonsense, 10.1.2.3/99', true",
        "https://[fd00::1], fd00::/16, false",
        "https://[fd00::1], fd00::1, false",
    })
    void environmentHoldsForHttpsButForItsExceptions(String server, String none, boolean through) {
        variables.put("https_proxy", "proxy:3128");
        variables.put("HTTP_PROXY", "never:1");
        variables.put("no_proxy", none);
        assertThat(HttpProxy.ofEnvironment(variables::get).to(URI.create(server)).isPresent())
                .isEqualTo(through);
    }

    @Test
    void environmentWithoutProxyHasNone() {
        variables.put("HTTPS_PROXY", " ");
        assertThat(HttpProxy.ofEnvironment(variables::get).to(URI.create("https://far.example")))
                .isEmpty();
        variables.put("HTTPS_PROXY", "ftp://me:secret@far");
        assertThatThrownBy(() -> HttpProxy.ofEnvironment(variables::get))
                .hasMessageContaining("HTTPS_PROXY: ")
                .hasMessageNotContaining("secret");
    }
}
