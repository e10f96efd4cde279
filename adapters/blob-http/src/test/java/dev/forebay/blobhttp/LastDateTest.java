package dev.forebay.blobhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.DateTimeException;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class LastDateTest {
    private static final String FIRST = "Sun, 06 Nov 1994 08:49:37 GMT";
    private static final String SECOND = "Sun, 06 Nov 1994 08:49:38 GMT";

    @Test
    void eachTextHasItsOwnMomentWhateverCameBefore() {
        LastDate dates = new LastDate();
        for (int i = 0; i < 2; i++) {
            assertThat(dates.parse(FIRST)).isEqualTo(Instant.parse("1994-11-06T08:49:37Z"));
            assertThat(dates.parse(FIRST)).isEqualTo(Instant.parse("1994-11-06T08:49:37Z"));
            assertThat(dates.parse(SECOND)).isEqualTo(Instant.parse("1994-11-06T08:49:38Z"));
            assertThatThrownBy(() -> dates.parse("yesterday"))
                    .isInstanceOf(DateTimeException.class);
        }
    }
}
