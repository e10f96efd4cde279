package dev.forebay.bddf;

import java.util.List;
import java.util.Map;

/** What the blocks of a series hold. */
public sealed interface SeriesType {
    /**
     * One message a block.
     *
     * @param contentType a MIME type, such as {@code application/protobuf}
     * @param typeName what the message is; for Protocol Buffers its full name
     * @param metadata true if it is needed to interpret other messages
     */
    record Message(String contentType, String typeName, boolean metadata) implements SeriesType {
        /** The content type of Protocol Buffers. */
        public static final String PROTOBUF = "application/protobuf";
    }

    /**
     * Samples of plain numbers, one behind the other.
     *
     * @param pod what each number is
     * @param dimensions none for one number a sample, {@code [n]} for a vector, {@code [m, n]} for
     *     a matrix by rows
     */
    record Numbers(Pod pod, List<Integer> dimensions) implements SeriesType {
        /** Copies the dimensions, and checks them. */
        public Numbers {
            dimensions = List.copyOf(dimensions);
        }

        /**
         * {@return bytes of one sample}
         *
         * @throws ArithmeticException if they do not fit into a long
         */
        public long sampleBytes() {
            long bytes = pod.bytes();
            for (int dimension : dimensions) {
                bytes = Math.multiplyExact(bytes, Integer.toUnsignedLong(dimension));
            }
            return bytes;
        }
    }

    /**
     * Series that are sampled together; such a series has no blocks of its own.
     *
     * @param members the identifier hash of each member by its name
     */
    record Struct(Map<String, Long> members) implements SeriesType {
        /** Copies the members. */
        public Struct {
            members = Map.copyOf(members);
        }
    }
}
