package dev.forebay.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlobNumberTest {
    @ParameterizedTest
    @CsvSource({
        "0,00/000",
        "FFF,00/FFF",
        "1000,01/000",
        "1FFF,01/FFF",
        "2000,02/00/000",
        "3FFF,02/01/FFF",
        "4000,03/00/000",
        "5321,03/01/321",
        "7FFF,03/03/FFF",
        "FFFF,04/07/FFF",
        "1FFFF,05/0F/FFF",
        "80000,08/00/000",
        "FFFFF,08/7F/FFF",
        "100000,09/00/000",
        "1FFFFF,09/FF/FFF",
        "200000,0A/00/00/000",
        "3FFFFF,0A/01/FF/FFF",
        "8000000,10/00/00/000",
        "10000000,11/00/00/000",
        "10102345,11/01/02/345",
        "1FFFFFFF,11/FF/FF/FFF",
        "20000000,12/00/00/00/000"
    })
    void everyRowOfTheReferenceIsNamedAsThere(String number, String name) {
        assertThat(BlobNumber.nameOf(Long.parseLong(number, 16)).text()).isEqualTo(name);
    }

    @Test
    void theOrderOfNamesIsTheOrderOfNumbers() {
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            long a = random.nextLong() >>> (1 + random.nextInt(62));
            long b = random.nextBoolean() ? a + 1 : random.nextLong() >>> (1 + random.nextInt(62));
            assertThat(Integer.signum(BlobNumber.nameOf(a).compareTo(BlobNumber.nameOf(b))))
                    .as("%x %x", a, b)
                    .isEqualTo(Long.compare(a, b));
        }
    }

    @Test
    void aNegativeNumberIsRefused() {
        assertThatThrownBy(() -> BlobNumber.nameOf(-1)).hasMessageContaining("-1");
    }
}
