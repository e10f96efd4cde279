package dev.forebay.streamsimd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.blob.Md5;
import dev.forebay.blob.Md5Lanes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The lanes beside the JDK's MD5. The Vector API computes the same on every machine and with every
 * compiler, only slowly on some, so nothing here depends on {@link VectorLanes#prepare}.
 */
class VectorLanesTest {
    private static final int BLOCK = 64;

    private final VectorLanes lanes = new VectorLanes();
    private final Random random = new Random(7);

    /** Half of them are on the heap, half are not, and all lie at odd addresses. */
    private ByteBuffer body(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        ByteBuffer buffer =
                random.nextBoolean()
                        ? ByteBuffer.allocateDirect(count + 1)
                        : ByteBuffer.allocate(count + 1);
        return buffer.position(1).put(bytes).flip().position(1);
    }

    private static Md5Lanes.Source[] sources(ByteBuffer... pieces) {
        return Arrays.stream(pieces)
                .map(piece ->
                        (Md5Lanes.Source)
                                (blocks, words, at) -> {
                                    piece.slice()
                                            .order(ByteOrder.LITTLE_ENDIAN)
                                            .asIntBuffer()
                                            .get(words, at, blocks * BLOCK / Integer.BYTES);
                                    piece.position(piece.position() + blocks * BLOCK);
                                })
                .toArray(Md5Lanes.Source[]::new);
    }

    private static int[] initial() {
        return new int[] {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    }

    /** What MD5 adds to a body of whole blocks. */
    private static ByteBuffer padding(long length) {
        ByteBuffer padding = ByteBuffer.allocate(BLOCK).order(ByteOrder.LITTLE_ENDIAN);
        return padding.put(0, (byte) 0x80).putLong(BLOCK - Long.BYTES, length * Byte.SIZE);
    }

    private static Md5 result(int[] state) {
        ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(state);
        return new Md5(Base64.getEncoder().encodeToString(bytes.array()));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 8, 11, 15, 16})
    void eachLaneHasTheDigestOfItsOwnBody(int count) {
        for (int blocks : new int[] {1, 2, 127, 128, 129, 300}) {
            int[][] states = new int[count][];
            ByteBuffer[] bodies = new ByteBuffer[count];
            ByteBuffer[] paddings = new ByteBuffer[count];
            for (int lane = 0; lane < count; lane++) {
                states[lane] = initial();
                bodies[lane] = body(blocks * BLOCK);
                paddings[lane] = padding((long) blocks * BLOCK);
            }
            ByteBuffer[] pieces = new ByteBuffer[count];
            Arrays.setAll(pieces, lane -> bodies[lane].duplicate());
            lanes.advance(states, sources(pieces), count, blocks);
            lanes.advance(states, sources(paddings), count, 1);
            for (int lane = 0; lane < count; lane++) {
                assertThat(result(states[lane]))
                        .as("lane %d of %d, %d blocks", lane, count, blocks)
                        .isEqualTo(Md5.of(bodies[lane]));
                assertThat(pieces[lane].hasRemaining()).isFalse();
            }
        }
    }

    @Test
    void bytesBehindTheLastBlockStayInThePieces() {
        ByteBuffer piece = body(3 * BLOCK + 5);
        int[] state = initial();
        lanes.advance(new int[][] {state}, sources(piece), 1, 2);
        assertThat(piece.remaining()).isEqualTo(BLOCK + 5);
    }

    @Test
    void onlyBodiesOf16KiBDecideWhetherTheLanesAreFast() {
        assertThat(Rehearsal.isFast(16 * 1024 / BLOCK, 10, 21)).isTrue();
        assertThat(Rehearsal.isFast(16 * 1024 / BLOCK, 10, 20)).isFalse();
        assertThat(Rehearsal.isFast(Rehearsal.FEW, 10, 1000)).isFalse();
    }

    @Test
    void theServiceLoaderFindsThem() {
        List<Class<? extends Md5Lanes>> found =
                ServiceLoader.load(Md5Lanes.class).stream()
                        .<Class<? extends Md5Lanes>>map(ServiceLoader.Provider::type)
                        .toList();
        assertThat(found).contains(VectorLanes.class);
    }
}
