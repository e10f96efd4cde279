package dev.forebay.identity;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.forebay.base.Clock;
import dev.forebay.base.DamagedException;
import dev.forebay.base.Disk;
import dev.forebay.testkit.CrashMatrix;
import dev.forebay.testkit.ManualClock;
import dev.forebay.testkit.SimulatedDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuthorityTest {
    private static final Path KEYS = Path.of("/keys");
    private static final List<String> HOST = List.of("robot7");

    @TempDir Path directory;
    private final SimulatedDisk disk = new SimulatedDisk();
    private final ManualClock clock = new ManualClock();

    private Authority open(String... tlsNames) throws IOException {
        return Authority.open(disk, clock, KEYS, HOST, List.of(tlsNames));
    }

    @Test
    void certificateHoldsTheNamesOfEveryServerAndItsOwn() throws IOException {
        assertThat(open("Depot.Example", "10.0.0.7", "fe80::1").names())
                .containsExactlyInAnyOrder(
                        "*.spot.robot",
                        "localhost",
                        "127.0.0.1",
                        "0:0:0:0:0:0:0:1",
                        "robot7",
                        "depot.example",
                        "10.0.0.7",
                        "fe80:0:0:0:0:0:0:1");
    }

    /** BoringSSL refuses an address under constraints of addresses. */
    @Test
    void certificateForClientsThatNameAHostHoldsNoAddress() throws Exception {
        Authority authority = open("depot.example", "10.0.0.7");
        assertThat(authority.hostsCertificate().getSubjectAlternativeNames())
                .extracting(each -> String.valueOf(each.get(1)))
                .containsExactlyInAnyOrder("*.spot.robot", "localhost", "robot7", "depot.example");
        assertThat(authority.hostsCertificate().getPublicKey())
                .isEqualTo(authority.serverCertificate().getPublicKey());
    }

    @Test
    void lifetimesAreAsStated() throws IOException {
        Authority authority = open();
        Instant now = clock.wall();
        assertThat(authority.certificate().getNotAfter())
                .isEqualTo(now.plus(Authority.AUTHORITY_LIFETIME).toString());
        assertThat(authority.certificate().getBasicConstraints()).isZero();
        assertThat(authority.serverCertificate().getNotAfter())
                .isEqualTo(now.plus(Authority.LEAF_LIFETIME).toString());
        assertThat(authority.serverCertificate().getNotBefore()).isBefore(now.toString());
        assertThat(authority.serverCertificate().getBasicConstraints()).isEqualTo(-1);
    }

    @Test
    void secondStartFindsTheSameCertificates() throws IOException {
        Authority first = open("depot.example");
        Authority second = open("depot.example");
        assertThat(second.certificate()).isEqualTo(first.certificate());
        assertThat(second.serverCertificate()).isEqualTo(first.serverCertificate());
        assertThat(second.renewIfDue()).isFalse();
        assertThat(Authority.certificatePem(disk, KEYS))
                .contains(Pem.of(first.certificate()))
                .get()
                .asString()
                .doesNotContain("PRIVATE KEY");
        assertThat(Authority.certificatePem(new SimulatedDisk(), KEYS)).isEmpty();
    }

    @Test
    void certificateIsRenewedThirtyDaysBeforeItsEnd() throws IOException {
        Authority authority = open();
        X509Certificate first = authority.serverCertificate();
        Duration untilDue = Authority.LEAF_LIFETIME.minus(Authority.RENEW_BEFORE);
        clock.advance(untilDue.minusSeconds(2));
        assertThat(authority.renewIfDue()).isFalse();
        clock.advance(Duration.ofSeconds(2));
        assertThat(authority.renewIfDue()).isTrue();
        assertThat(authority.serverCertificate().getNotAfter()).isAfter(first.getNotAfter());
        assertThat(authority.renewIfDue()).isFalse();
        assertThat(open().serverCertificate()).isEqualTo(authority.serverCertificate());
        assertThat(open().certificate()).isEqualTo(authority.certificate());
    }

    @Test
    void startRenewsWhatEndedMeanwhile() throws Exception {
        Authority first = open();
        clock.advance(Authority.LEAF_LIFETIME.plusDays(1));
        Authority second = open();
        assertThat(second.serverCertificate()).isNotEqualTo(first.serverCertificate());
        second.serverCertificate().verify(first.certificate().getPublicKey());
    }

    @Test
    void lastCertificateEndsWithTheAuthorityAndIsNotRenewedInVain() throws IOException {
        open();
        clock.advance(Authority.AUTHORITY_LIFETIME.minusDays(10));
        Authority authority = open();
        assertThat(authority.serverCertificate().getNotAfter())
                .isEqualTo(authority.certificate().getNotAfter());
        assertThat(authority.renewIfDue()).isFalse();
        clock.advance(Duration.ofDays(10));
        assertThatThrownBy(this::open)
                .isInstanceOf(AuthorityException.class)
                .hasMessageContaining("ended at")
                .hasMessageContaining("authority.key and /keys/authority.pem away")
                .hasMessageContaining("forebay log trust");
    }

    @Test
    void otherNamesAreCertifiedByTheSameAuthority() throws Exception {
        Authority first = open("depot.example");
        Authority second = open("charger.depot.example");
        assertThat(second.certificate()).isEqualTo(first.certificate());
        assertThat(second.names()).contains("charger.depot.example");
        assertThat(second.names()).doesNotContain("depot.example");
        second.serverCertificate().verify(first.certificate().getPublicKey());
        assertThat(open("charger.depot.example").serverCertificate())
                .isEqualTo(second.serverCertificate());
    }

    @Test
    void nameOutsideTheConstraintsIsRefusedWithTheNextStep() throws IOException {
        Authority first = open("depot.example");
        for (String name : List.of("other.example", "example", "mydepot.example", "10.0.0.8")) {
            assertThatThrownBy(() -> open(name))
                    .isInstanceOf(AuthorityException.class)
                    .hasMessageContaining("cannot certify " + name)
                    .hasMessageContaining("depot.example")
                    .hasMessageContaining("/keys/authority.pem away, start again");
        }
        assertThat(open("depot.example").serverCertificate()).isEqualTo(first.serverCertificate());
    }

    @Test
    void newNameOfTheMachineDoesNotPreventAStart() throws IOException {
        Authority first = open();
        Authority second =
                Authority.open(disk, clock, KEYS, List.of("robot8", "no_name"), List.of());
        assertThat(second.certificate()).isEqualTo(first.certificate());
        assertThat(second.names()).doesNotContain("robot7", "robot8");
    }

    @Test
    void textsThatAreNoNamesAreRefused() {
        for (String name :
                List.of(
                        "",
                        "a b",
                        "-a",
                        "a..b",
                        "*.*.a",
                        "1.2.3",
                        "1.2.3.400",
                        "a_b",
                        "x".repeat(64),
                        "::g",
                        "a\nb",
                        "http://a",
                        "a:1")) {
            assertThatThrownBy(() -> open(name))
                    .as(name)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("expected the name of a host");
        }
    }

    @Test
    void filesOfAnotherAuthorityAreNoticed() throws IOException {
        open();
        disk.delete(KEYS.resolve(Authority.KEY));
        assertThatThrownBy(this::open)
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("authority.pem")
                .hasMessageContaining("start again");
    }

    @Test
    void newAuthorityIssuesAnotherCertificate() throws Exception {
        Authority first = open();
        disk.delete(KEYS.resolve(Authority.KEY));
        disk.delete(KEYS.resolve(Authority.CERTIFICATE));
        Authority second = open("other.example");
        assertThat(second.certificate()).isNotEqualTo(first.certificate());
        assertThat(second.certificate().getSubjectX500Principal())
                .isNotEqualTo(first.certificate().getSubjectX500Principal());
        second.serverCertificate().verify(second.certificate().getPublicKey());
    }

    @Test
    void crashAtAnyCallOfAStartLeavesWhatTheNextGoesOnWith() throws Exception {
        int images =
                CrashMatrix.randoms(2)
                        .run(
                                (work, acks) -> {
                                    Authority first =
                                            Authority.open(work, clock, KEYS, HOST, List.of());
                                    acks.add(first.certificate());
                                },
                                (left, acks) -> {
                                    Authority next =
                                            Authority.open(left, clock, KEYS, HOST, List.of());
                                    assertThat(acks).allMatch(next.certificate()::equals);
                                    next.serverCertificate()
                                            .verify(next.certificate().getPublicKey());
                                });
        assertThat(images).isGreaterThan(80);
    }

    @Test
    void filesAreForTheirUserAlone() throws IOException {
        Path keys = directory.resolve("keys");
        Authority.open(Disk.system(), Clock.system(), keys, HOST, List.of());
        try (Stream<Path> files = Files.list(keys)) {
            List<Path> all = files.toList();
            assertThat(all).hasSize(4);
            for (Path file : all) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .as(file.toString())
                        .isEqualTo("rw-------");
            }
        }
    }

    /** What another program thinks of it, which reads constraints by its own code. */
    @Test
    void opensslAcceptsTheNamesOfTheAuthorityAndNoOthers() throws Exception {
        assumeTrue(hasOpenssl(), "openssl is not installed");
        Path keys = directory.resolve("keys");
        Authority authority =
                Authority.open(Disk.system(), Clock.system(), keys, HOST, List.of("depot.example"));
        for (String host : List.of("auth.spot.robot", "localhost", "robot7", "depot.example")) {
            assertThat(verify(authority.serverCertificate(), "-verify_hostname", host))
                    .as(host)
                    .contains(": OK");
        }
        for (String address : List.of("127.0.0.1", "::1")) {
            assertThat(verify(authority.serverCertificate(), "-verify_ip", address))
                    .as(address)
                    .contains(": OK");
        }
        assertThat(verify(authority.hostsCertificate(), "-verify_hostname", "auth.spot.robot"))
                .contains(": OK");
        assertThat(verify(authority.serverCertificate(), "-verify_hostname", "x.example"))
                .contains("ostname mismatch");

        KeyPair own = Pem.pair(Files.readAllBytes(keys.resolve(Authority.KEY)));
        for (String name : List.of("bank.example", "10.0.0.1", "::2", "example", "xlocalhost")) {
            X509Certificate misused =
                    CertificateMaker.leaf(
                            authority.certificate(),
                            own.getPrivate(),
                            own.getPublic(),
                            validNow(),
                            List.of(ServerName.of("localhost"), ServerName.of(name)));
            assertThat(verify(misused)).as(name).contains("permitted subtree violation");
        }
        KeyPair below = pair();
        X509Certificate misused =
                CertificateMaker.leaf(
                        authority.serverCertificate(),
                        Pem.pair(Files.readAllBytes(keys.resolve(Authority.SERVER_KEY)))
                                .getPrivate(),
                        below.getPublic(),
                        validNow(),
                        List.of(ServerName.of("localhost")));
        assertThat(
                        verify(
                                misused,
                                "-untrusted",
                                keys.resolve(Authority.SERVER_CERTIFICATE).toString()))
                .contains("invalid CA certificate");
    }

    private static CertificateMaker.Validity validNow() {
        Instant now = Instant.now();
        return new CertificateMaker.Validity(now.minusSeconds(60), now.plusSeconds(3600));
    }

    private static KeyPair pair() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        return generator.generateKeyPair();
    }

    private static boolean hasOpenssl() {
        return Arrays.stream(System.getenv("PATH").split(":", -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "openssl")));
    }

    private String verify(X509Certificate certificate, String... options) throws Exception {
        Path file = directory.resolve("leaf.pem");
        Files.writeString(file, Pem.of(certificate));
        List<String> command =
                Stream.of(
                                Stream.of("openssl", "verify", "-x509_strict", "-CAfile"),
                                Stream.of(directory.resolve("keys/authority.pem").toString()),
                                Stream.of("-purpose", "sslserver"),
                                Arrays.stream(options),
                                Stream.of(file.toString()))
                        .flatMap(each -> each)
                        .toList();
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        return said;
    }
}
