package dev.forebay.bddf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bytes of the format, held against facts of the reference. */
class FormatTest {
    @Test
    void hashOfIdentifierIsThatOfTheReference() {
        assertThat(Samples.channel("bosdyn.api.OperatorComment").hash())
                .isEqualTo(0xc51068557dabb078L);
        assertThat(
                        new SeriesIdentifier(
                                        "bosdyn:grpc:requests",
                                        Map.of(
                                                "bosdyn:message-type",
                                                "bosdyn.api.RobotIdRequest",
                                                "bosdyn:grpc:service",
                                                "robot-id"))
                                .hash())
                .isEqualTo(0xdbc0ce5104982317L);
        assertThat(
                        new SeriesIdentifier(
                                        "bosdyn:typed-message-channel",
                                        Map.of(
                                                "bosdyn:message-type",
                                                "bosdyn.api.Event",
                                                "bosdyn:channel",
                                                "bosdyn.api.Event"))
                                .hash())
                .isEqualTo(0xcd5a13e57b9701b4L);
        assertThat(new SeriesIdentifier("", Map.of()).hash()).isEqualTo(0xda39a3ee5e6b4b0dL);
    }

    @Test
    void hashSortsKeysByTheirBytesAndNotByUtf16() {
        // U+FF5E is 0xEF.. in UTF-8 and sorts before U+1F600, 0xF0..; in UTF-16 it sorts behind.
        SeriesIdentifier identifier =
                new SeriesIdentifier("t", Map.of("\uFF5E", "a", "\uD83D\uDE00", "b"));
        MessageDigest sha1 = Sha1.create();
        for (String part : List.of("t", "\uFF5E", "a", "\uD83D\uDE00", "b")) {
            sha1.update(part.getBytes(StandardCharsets.UTF_8));
        }
        assertThat(identifier.hash()).isEqualTo(ByteBuffer.wrap(sha1.digest()).getLong());
    }

    @Test
    void workedExampleIsWrittenByteForByte() throws IOException {
        byte[] written =
                Samples.file(
                        Checksum.SHA1,
                        writer -> {
                            int series =
                                    writer.addSeries(
                                            Samples.channel("c1"),
                                            new SeriesType.Message("text/plain", "t", false));
                            assertThat(writer.write(series, 1_000_000_002L, Samples.bytes("hi")))
                                    .isEqualTo(107);
                        });
        assertThat(written).asHexString().isEqualTo(hex(Samples.WORKED));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().withUpperCase().formatHex(bytes);
    }

    @Test
    void workedExampleIsReadByBothReaders() throws IOException {
        assertThat(Samples.read(Samples.WORKED)).containsExactly("c1@1000000002=hi");
        BddfFile file = BddfFile.open(Source.of(Samples.WORKED));
        assertThat(file.file()).isEqualTo(new FileDescriptor(Map.of("k", "v"), Checksum.SHA1));
        int series = file.find(Map.of(Samples.CHANNEL, "c1")).orElseThrow();
        assertThat(file.series(series).blocks().payloadBytes()).isEqualTo(2);
        assertThat(Samples.text(file.read(series, 0))).isEqualTo("hi");
    }

    @Test
    void fileWithoutSeriesHasAnExplicitIndex() throws IOException {
        byte[] written = Samples.file(Checksum.NONE, writer -> {});
        assertThat(hex(written)).contains("02000000000000012200");
        assertThat(BddfFile.open(Source.of(written)).identifiers()).isEmpty();
        assertThat(Samples.read(written)).isEmpty();
    }

    @Test
    void everyKindOfSeriesComesBackAsItWasWritten() throws IOException {
        List<SeriesType> types =
                List.of(
                        new SeriesType.Message(SeriesType.Message.PROTOBUF, "a.b.C", true),
                        new SeriesType.Numbers(Pod.UINT16, List.of(4, 2)),
                        new SeriesType.Numbers(Pod.FLOAT32, List.of()),
                        new SeriesType.Struct(Map.of("x", -1L, "y", 7L)));
        byte[] written =
                Samples.file(
                        Checksum.SHA1,
                        writer -> {
                            for (int i = 0; i < types.size(); i++) {
                                writer.addSeries(
                                        Samples.channel("c" + i),
                                        types.get(i),
                                        Map.of("units", "m", "", "empty key"),
                                        List.of("a", ""),
                                        "número " + i);
                            }
                        });
        BddfFile file = BddfFile.open(Source.of(written));
        BddfStream stream = Samples.stream(written);
        assertThat(stream.next()).isNull();
        for (int i = 0; i < types.size(); i++) {
            SeriesDescriptor expected =
                    new SeriesDescriptor(
                            i,
                            Samples.channel("c" + i),
                            types.get(i),
                            Map.of("units", "m", "", "empty key"),
                            List.of("a", ""),
                            "número " + i);
            assertThat(file.series(i).descriptor()).isEqualTo(expected);
            assertThat(stream.series().get(i)).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 4096, 65_535, 65_536, 1 << 20})
    void fileReadInPiecesOfAnySizeIsTheSame(int most) throws IOException {
        byte[] written = Samples.mixed(Checksum.SHA1, 2000);
        assertThat(written.length).isGreaterThan(2 * 65_536);
        InputStream pieces =
                new ByteArrayInputStream(written) {
                    @Override
                    public synchronized int read(byte[] target, int from, int count) {
                        return super.read(target, from, Math.min(count, most));
                    }
                };
        List<String> blocks = new ArrayList<>();
        assertThatCode(
                        () -> {
                            BddfStream stream = new BddfStream(Channels.newChannel(pieces));
                            blocks.addAll(Samples.read(stream));
                            assertThat(stream.position()).isEqualTo(written.length);
                        })
                .doesNotThrowAnyException();
        assertThat(blocks).hasSize(4000).endsWith("numbers@19995=" + "x".repeat(48));
    }

    @Test
    void timesBefore1970AndAtTheEdgesComeBack() throws IOException {
        long[] times = {-1, 0, 1, -1_000_000_000L, Long.MIN_VALUE, Long.MAX_VALUE};
        byte[] written =
                Samples.file(
                        Checksum.NONE,
                        writer -> {
                            int series =
                                    writer.addSeries(
                                            Samples.channel("c"),
                                            new SeriesType.Message("text/plain", "t", false));
                            for (long time : times) {
                                writer.write(series, time, Samples.bytes("x"));
                            }
                        });
        BddfFile file = BddfFile.open(Source.of(written));
        for (int i = 0; i < times.length; i++) {
            assertThat(file.read(0, i).nanos()).isEqualTo(times[i]);
        }
        assertThat(file.series(0).blocks().sorted()).isFalse();
    }

    @Test
    void writerRefusesWhatTheFormatCannotHold() throws IOException {
        Samples.file(
                Checksum.NONE,
                writer -> {
                    int series =
                            writer.addSeries(
                                    Samples.channel("c"),
                                    new SeriesType.Message("text/plain", "t", false));
                    int struct =
                            writer.addSeries(Samples.channel("s"), new SeriesType.Struct(Map.of()));
                    assertThatThrownBy(() -> writer.write(series, 0, Samples.bytes("")))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessageContaining("empty payload");
                    assertThatThrownBy(() -> writer.write(struct, 0, Samples.bytes("x")))
                            .hasMessageContaining("struct");
                    assertThatThrownBy(() -> writer.write(series, 0, Samples.bytes("x"), 1))
                            .hasMessage("1 additional indexes for series 0, which names 0");
                    assertThatThrownBy(() ->
                                    writer.addSeries(
                                            new SeriesIdentifier(
                                                    "other", Map.of(Samples.CHANNEL, "c")),
                                            new SeriesType.Struct(Map.of())))
                            .hasMessageContaining("was added already");
                });
    }

    @Test
    void rangeOfTimeIsFoundInTheIndex() throws IOException {
        BddfFile file = BddfFile.open(Source.of(Samples.mixed(Checksum.SHA1, 100)));
        SeriesBlocks blocks = file.series(0).blocks();
        assertThat(blocks.sorted()).isTrue();
        assertThat(blocks.firstFrom(Long.MIN_VALUE)).isZero();
        assertThat(blocks.firstFrom(500)).isEqualTo(50);
        assertThat(blocks.firstFrom(501)).isEqualTo(51);
        assertThat(blocks.firstFrom(991)).isEqualTo(100);
        assertThat(file.read(1, 7).additionalIndexes()).containsExactly(7L);
        assertThat(file.series(1).blocks().additionalIndexes(7)).containsExactly(7L);
    }
}
