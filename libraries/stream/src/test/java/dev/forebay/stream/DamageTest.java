package dev.forebay.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.DamagedException;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Md5;
import dev.forebay.blob.testing.MemoryContainer;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever happens to a stored buffer: zero wrong bytes come out, and the reader says so. */
class DamageTest {
    private static final int BLOCK = 1000;
    private static final byte[] BYTES = Streams.random(3, 9500);

    enum Damage {
        SWAPPED((container, at) -> swap(container, at, (at + 1) % 9)),
        DROPPED((container, at) -> {
            for (int i = at; i < 9; i++) {
                copy(container, i + 1, i);
            }
            copy(container, 10, 9);
            container.remove(blob(10));
        }),
        REPEATED((container, at) -> copy(container, at, (at + 1) % 9)),
        REMOVED((container, at) -> container.remove(blob(at))),
        EMPTIED((container, at) ->
                container.overwrite(
                        blob(at),
                        new byte[0],
                        Md5.OF_NOTHING,
                        container.info(blob(at)).metadata())),
        TRUNCATED_IN_THE_BODY((container, at) -> {
            BlobInfo info = container.info(blob(at));
            byte[] cut = Arrays.copyOf(container.body(blob(at)), BLOCK / 2 - 1);
            container.overwrite(blob(at), cut, info.md5(), info.metadata());
        }),
        TRUNCATED_WITH_ITS_DIGEST((container, at) -> {
            byte[] cut = Arrays.copyOf(container.body(blob(at)), BLOCK / 2 - 1);
            container.overwrite(
                    blob(at),
                    cut,
                    Md5.of(ByteBuffer.wrap(cut)),
                    container.info(blob(at)).metadata());
        }),
        FLIPPED((container, at) -> {
            BlobInfo info = container.info(blob(at));
            byte[] body = container.body(blob(at));
            body[at * 7] ^= 1;
            container.overwrite(blob(at), body, info.md5(), info.metadata());
        }),
        CHAIN_LOST((container, at) ->
                container.overwrite(
                        blob(at),
                        container.body(blob(at)),
                        container.info(blob(at)).md5(),
                        Map.of())),
        CHAIN_INVALID((container, at) ->
                container.overwrite(
                        blob(at),
                        container.body(blob(at)),
                        container.info(blob(at)).md5(),
                        Map.of(HashChain.METADATA_KEY, "invalid"))),
        TAIL_AND_TERMINATOR_GONE((container, at) -> {
            for (int i = at; i <= 10; i++) {
                container.remove(blob(i));
            }
        });

        @SuppressWarnings("ImmutableEnumChecker") // Each is a lambda without state.
        private final BiConsumer<MemoryContainer, Integer> done;

        Damage(BiConsumer<MemoryContainer, Integer> done) {
            this.done = done;
        }
    }

    private static BlobName blob(int number) {
        return BlobNumber.nameOf(number);
    }

    private static void copy(MemoryContainer container, int from, int to) {
        BlobInfo info = container.info(blob(from));
        container.overwrite(blob(to), container.body(blob(from)), info.md5(), info.metadata());
    }

    private static void swap(MemoryContainer container, int a, int b) {
        BlobInfo info = container.info(blob(a));
        byte[] body = container.body(blob(a));
        copy(container, b, a);
        container.overwrite(blob(b), body, info.md5(), info.metadata());
    }

    private static MemoryContainer written() {
        MemoryContainer container = new MemoryContainer();
        Streams.write(container, BYTES);
        return container;
    }

    /** Null, or why this reader's output or end is not what it must be after this damage. */
    private static @Nullable String flaw(Damage damage, long seed) {
        Random random = new Random(seed);
        MemoryContainer container = written();
        damage.done.accept(container, random.nextInt(9));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        boolean refused = false;
        try {
            ReadOptions options = ReadOptions.defaults().withDop(1 + random.nextInt(5));
            new BufferReader(container, options).read(Channels.newChannel(out));
        } catch (DamagedException e) {
            refused = true;
        }
        byte[] released = out.toByteArray();
        if (!Arrays.equals(released, Arrays.copyOf(BYTES, released.length))) {
            return damage + ": wrong bytes came out";
        }
        return refused ? null : damage + ": nobody was told";
    }

    @ParameterizedTest
    @EnumSource
    void noWrongByteComesOutOfADamagedBuffer(Damage damage) {
        for (long seed = 0; seed < 20; seed++) {
            assertThat(flaw(damage, seed)).as("seed %d", seed).isNull();
        }
    }

    @Test
    void theWordsAreThoseOfTheReference() {
        MemoryContainer flipped = written();
        Damage.FLIPPED.done.accept(flipped, 4);
        assertThatThrownBy(() -> Streams.read(flipped)).hasMessageContaining("MD5 mismatch");
        MemoryContainer invalid = written();
        Damage.CHAIN_INVALID.done.accept(invalid, 4);
        assertThatThrownBy(() -> Streams.read(invalid)).hasMessageContaining("hash chain mismatch");
        MemoryContainer gap = written();
        gap.remove(blob(5));
        assertThatThrownBy(() -> Streams.read(gap))
                .hasMessageContaining("was expected to exist but does not");
    }

    @Test
    void aFieldOfTheEndMarkerThatDisagreesIsDamage() {
        for (String field :
                new String[] {"\"totalSize\":1", "\"blobCount\":11", "\"hashChain\":\"x\""}) {
            MemoryContainer container = written();
            marker(container, "{\"status\":\"complete\"," + field + "}");
            assertThatThrownBy(() -> Streams.read(container))
                    .as(field)
                    .isInstanceOf(DamagedException.class);
        }
        MemoryContainer large = written();
        marker(large, "{\"status\":\"complete\",\"x\":\"" + "x".repeat(5000) + "\"}");
        assertThatThrownBy(() -> Streams.read(large))
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("4096");
    }

    static void marker(MemoryContainer container, String text) {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        container.overwrite(EndMarker.NAME, body, Md5.of(ByteBuffer.wrap(body)), Map.of());
    }

    @Test
    void buffersOfOtherWritersReadFine() {
        MemoryContainer bare = written();
        marker(bare, "{\"status\":\"complete\"}");
        byte[] start = "{\"version\":\"0.3.0\"}".getBytes(StandardCharsets.UTF_8);
        bare.overwrite(StartMarker.NAME, start, Md5.of(ByteBuffer.wrap(start)), Map.of());
        assertThat(Streams.read(bare)).isEqualTo(BYTES);
        marker(bare, "{\"status\":\"archived\"}");
        assertThat(Streams.read(bare)).isEqualTo(BYTES);
        bare.remove(EndMarker.NAME);
        assertThat(Streams.read(bare)).isEqualTo(BYTES);
    }

    @Test
    void aFailedBufferAndAMissingOneAreTold() {
        MemoryContainer container = written();
        marker(container, "{\"status\":\"failed\"}");
        assertThatThrownBy(() -> Streams.read(container))
                .isInstanceOf(BufferFailedException.class)
                .hasMessageContaining("the buffer is in a permanently failed state");
        container.delete();
        assertThatThrownBy(() -> Streams.read(container))
                .isInstanceOf(BufferMissingException.class)
                .hasMessageContaining("the buffer does not exist");
        assertThatThrownBy(() -> Streams.write(container, BYTES))
                .isInstanceOf(BufferMissingException.class)
                .hasMessageContaining("the buffer does not exist");
    }
}
