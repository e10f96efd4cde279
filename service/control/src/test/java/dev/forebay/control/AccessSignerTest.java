package dev.forebay.control;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Disk;
import dev.forebay.control.AccessSigner.Verdict;
import dev.forebay.control.ProvenSignatures.Validity;
import dev.forebay.testkit.CrashMatrix;
import dev.forebay.testkit.Sabotage;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Access URLs and their key: what is tampered with is refused, and a key that signed stays. */
class AccessSignerTest {
    private static final String ID = "abcdefghijklmnopqrstuvwxyz";
    private static final Instant NOW = Instant.parse("2026-01-01T10:00:00.999Z");
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Validity TIMES = new Validity(NOW, NOW.plus(HOUR));

    private static final Path KEYS = Path.of("/keys");

    @TempDir Path temp;

    private static Map<String, List<String>> decoded(String query) {
        Map<String, List<String>> decoded = new LinkedHashMap<>();
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            decoded.put(
                    pair.substring(0, equals),
                    List.of(URLDecoder.decode(pair.substring(equals + 1), UTF_8)));
        }
        return decoded;
    }

    private static String value(Map<String, List<String>> query, String name) {
        return query.getOrDefault(name, List.of("")).getFirst();
    }

    private static Map<String, List<String>> changed(
            Map<String, List<String>> query, String name, List<String> values) {
        Map<String, List<String>> changed = new HashMap<>(query);
        changed.put(name, values);
        return changed;
    }

    private static Verdict verdict(AccessSigner signer, Map<String, List<String>> query) {
        return signer.verify(ID, query, 'r', NOW);
    }

    @Test
    void aQueryIsThatOfTheReferenceInItsOrder() {
        String query = AccessSigner.ephemeral().query(ID, "cr", NOW, HOUR);
        assertThat(query)
                .startsWith(
                        "api-version=1.0&sv=0.1.0&sp=cr&st=2026-01-01T10%3A00%3A00Z"
                                + "&se=2026-01-01T11%3A00%3A00Z&sig=");
        assertThat(query.substring(query.indexOf("sig="))).matches("sig=[A-Za-z0-9%]+");
    }

    @Test
    void theSignatureIsEcdsaOverTheFiveLinesInDer() throws Exception {
        AccessSigner signer = AccessSigner.open(Disk.system(), temp.resolve("keys"));
        Map<String, List<String>> query = decoded(signer.query(ID, "r", NOW, HOUR));
        List<String> stored = Files.readAllLines(temp.resolve("keys/access.key"), US_ASCII);
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initVerify(
                KeyFactory.getInstance("EC")
                        .generatePublic(
                                new X509EncodedKeySpec(Base64.getDecoder().decode(stored.get(1)))));
        String lines = "0.1.0\n" + ID + "\nr\n2026-01-01T10:00:00Z\n2026-01-01T11:00:00Z";
        signature.update(lines.getBytes(UTF_8));
        assertThat(signature.verify(Base64.getDecoder().decode(value(query, "sig")))).isTrue();
    }

    @Test
    void everyParameterIsProtected() {
        AccessSigner signer = AccessSigner.ephemeral();
        Map<String, List<String>> good = decoded(signer.query(ID, "r", NOW, HOUR));
        assertThat(verdict(signer, good)).isEqualTo(Verdict.ALLOWED);
        Map<String, List<String>> forged =
                Map.of(
                        "sv", List.of("0.1.1", "0.1.0 ", "", "0.1"),
                        "sp", List.of("cr", "rr", "", "R", "r\n"),
                        "st", List.of("2026-01-01T09:00:00Z", "", "now", "2026-01-01"),
                        "se", List.of("2026-01-01T12:00:00Z", "", "9", "2026-13-01T00:00:00Z"));
        forged.forEach((name, values) -> {
            for (String value : values) {
                assertThat(verdict(signer, changed(good, name, List.of(value))))
                        .as("%s=%s", name, value)
                        .isEqualTo(Verdict.NOT_AUTHENTIC);
            }
        });
        for (String name : List.of("sv", "sp", "st", "se", "sig")) {
            List<String> twice = List.of(value(good, name), value(good, name));
            assertThat(verdict(signer, changed(good, name, twice)))
                    .isEqualTo(Verdict.NOT_AUTHENTIC);
            assertThat(verdict(signer, changed(good, name, List.of())))
                    .isEqualTo(Verdict.NOT_AUTHENTIC);
            Map<String, List<String>> without = new HashMap<>(good);
            without.remove(name);
            assertThat(verdict(signer, without)).isEqualTo(Verdict.NOT_AUTHENTIC);
        }
    }

    @Test
    void everyBitOfTheSignatureCounts() {
        AccessSigner signer = AccessSigner.ephemeral();
        Map<String, List<String>> good = decoded(signer.query(ID, "r", NOW, HOUR));
        byte[] signature = Base64.getDecoder().decode(value(good, "sig"));
        // The good one is known from here on, which must not help a forged one.
        assertThat(verdict(signer, good)).isEqualTo(Verdict.ALLOWED);
        for (int bit = 0; bit < signature.length * 8; bit++) {
            byte[] flipped = signature.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            String text = Base64.getEncoder().encodeToString(flipped);
            assertThat(verdict(signer, changed(good, "sig", List.of(text))))
                    .as("bit %s", bit)
                    .isEqualTo(Verdict.NOT_AUTHENTIC);
        }
        for (String text : List.of("", "AAAA", "not base64", "\u00e4", "A".repeat(100_000))) {
            assertThat(verdict(signer, changed(good, "sig", List.of(text))))
                    .isEqualTo(Verdict.NOT_AUTHENTIC);
        }
    }

    @Test
    void aQueryIsForItsContainerOnly() {
        AccessSigner signer = AccessSigner.ephemeral();
        Map<String, List<String>> good = decoded(signer.query(ID, "r", NOW, HOUR));
        for (String other :
                List.of("abcdefghijklmnopqrstuvwxyy", "", ID.toUpperCase(Locale.ROOT), ID + "\n")) {
            assertThat(signer.verify(other, good, 'r', NOW)).isEqualTo(Verdict.NOT_AUTHENTIC);
        }
    }

    @Test
    void permissionIsByLetterAndCase() {
        AccessSigner signer = AccessSigner.ephemeral();
        Map<String, List<String>> both = decoded(signer.query(ID, "cr", NOW, HOUR));
        assertThat(signer.verify(ID, both, 'c', NOW)).isEqualTo(Verdict.ALLOWED);
        assertThat(signer.verify(ID, both, 'r', NOW)).isEqualTo(Verdict.ALLOWED);
        for (char letter : new char[] {'C', 'R', 'D', 'd'}) {
            assertThat(signer.verify(ID, both, letter, NOW)).isEqualTo(Verdict.NOT_PERMITTED);
        }
        Map<String, List<String>> read = decoded(signer.query(ID, "r", NOW, HOUR));
        assertThat(signer.verify(ID, read, 'c', NOW)).isEqualTo(Verdict.NOT_PERMITTED);
    }

    @Test
    void itIsValidFromItsFirstSecondToItsLastAndNotANanosecondLonger() {
        AccessSigner signer = AccessSigner.ephemeral();
        Map<String, List<String>> query =
                decoded(signer.query(ID, "r", NOW, Duration.ofSeconds(30)));
        Instant first = Instant.parse("2026-01-01T10:00:00Z");
        Instant last = Instant.parse("2026-01-01T10:00:30Z");
        assertThat(signer.verify(ID, query, 'r', first.minusNanos(1)))
                .isEqualTo(Verdict.NOT_AUTHENTIC);
        assertThat(signer.verify(ID, query, 'r', first)).isEqualTo(Verdict.ALLOWED);
        assertThat(signer.verify(ID, query, 'r', last)).isEqualTo(Verdict.ALLOWED);
        assertThat(signer.verify(ID, query, 'r', last.plusNanos(1)))
                .isEqualTo(Verdict.NOT_AUTHENTIC);
    }

    @Test
    void aSignatureThatWasCheckedIsKnownForItsTextAlone() {
        ProvenSignatures proven = new ProvenSignatures();
        proven.add("text", "signature", TIMES);
        assertThat(proven.find("text", "signature")).isPresent();
        assertThat(proven.find("text", "another")).isEmpty();
        assertThat(proven.find("another", "signature")).isEmpty();
    }

    @Test
    void theSignaturesInUseAreKnownAndNoMoreThanTheLimit() {
        ProvenSignatures proven = new ProvenSignatures();
        for (int i = 0; i < 3 * ProvenSignatures.MOST; i++) {
            proven.add("text", "signature " + i, TIMES);
            assertThat(proven.find("text", "signature 0")).isPresent();
        }
        long known =
                IntStream.range(0, 3 * ProvenSignatures.MOST)
                        .filter(i -> proven.find("text", "signature " + i).isPresent())
                        .count();
        assertThat(known).isEqualTo(ProvenSignatures.MOST);
    }

    @Test
    void aLifetimeIsAtLeastHalfAMinuteAndAtMostAnHour() {
        AccessSigner signer = AccessSigner.ephemeral();
        for (Duration life : List.of(AccessSigner.SHORTEST, AccessSigner.LONGEST)) {
            assertThat(verdict(signer, decoded(signer.query(ID, "r", NOW, life))))
                    .isEqualTo(Verdict.ALLOWED);
        }
        assertThatThrownBy(() -> signer.query(ID, "r", NOW, AccessSigner.SHORTEST.minusNanos(1)))
                .hasMessage("Access TTL must be at least 30 seconds.");
        assertThatThrownBy(() -> signer.query(ID, "r", NOW, AccessSigner.LONGEST.plusNanos(1)))
                .hasMessage("Access TTL must be less than or equal to 01:00:00.");
    }

    @Test
    void theKeyOfAFileOutlivesTheProcess() throws IOException {
        Path keys = temp.resolve("keys");
        AccessSigner first = AccessSigner.open(Disk.system(), keys);
        Map<String, List<String>> query = decoded(first.query(ID, "r", NOW, HOUR));
        AccessSigner second = AccessSigner.open(Disk.system(), keys);
        assertThat(verdict(second, query)).isEqualTo(Verdict.ALLOWED);
        AccessSigner elsewhere = AccessSigner.open(Disk.system(), temp.resolve("others"));
        assertThat(verdict(elsewhere, query)).isEqualTo(Verdict.NOT_AUTHENTIC);
    }

    @Test
    void anEphemeralKeyIsItsOwn() {
        Map<String, List<String>> query =
                decoded(AccessSigner.ephemeral().query(ID, "r", NOW, HOUR));
        assertThat(verdict(AccessSigner.ephemeral(), query)).isEqualTo(Verdict.NOT_AUTHENTIC);
    }

    @Test
    void aFileThatIsNoKeyIsReportedAndLeftAlone() throws IOException {
        Path keys = temp.resolve("keys");
        AccessSigner.open(Disk.system(), keys);
        Path file = keys.resolve("access.key");
        String good = Files.readString(file);
        String line = good.lines().findFirst().orElseThrow();
        for (String bad : List.of("", line, good + "x", "!\n!\n", line + "\n" + line + "\n")) {
            Files.writeString(file, bad);
            assertThatThrownBy(() -> AccessSigner.open(Disk.system(), keys))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(file.toString())
                    .hasMessageContaining("restore it, or move it away");
            assertThat(Files.readString(file)).isEqualTo(bad);
        }
    }

    /** Opens and signs; what was signed is what was promised. */
    private static CrashMatrix.Work<String> signing(UnaryOperator<Disk> twin) {
        return (disk, acks) ->
                acks.add(AccessSigner.open(twin.apply(disk), KEYS).query(ID, "r", NOW, HOUR));
    }

    private static void allAreAllowed(Disk disk, List<String> acks) throws IOException {
        AccessSigner signer = AccessSigner.open(disk, KEYS);
        for (String query : acks) {
            assertThat(verdict(signer, decoded(query))).isEqualTo(Verdict.ALLOWED);
        }
    }

    @Test
    void aKeyThatHasSignedSurvivesACrashAfterEveryCallAndASecondOne() throws Exception {
        CrashMatrix matrix = CrashMatrix.randoms(3);
        assertThat(
                        matrix.runTwice(
                                signing(disk -> disk),
                                signing(disk -> disk),
                                AccessSignerTest::allAreAllowed))
                .isPositive();
    }

    @ParameterizedTest
    @EnumSource(names = {"SKIP_DIRECTORY_SYNC", "SKIP_FILE_SYNC"})
    void aTwinThatSignsBeforeItsKeyIsSyncedIsCaught(Sabotage sabotage) {
        assertThatThrownBy(() ->
                        CrashMatrix.randoms(3)
                                .run(signing(sabotage::of), AccessSignerTest::allAreAllowed))
                .isInstanceOf(AssertionError.class);
    }
}
