package dev.forebay.wire.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.forebay.base.Printable;
import dev.forebay.wire.WireFormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The body of a request that puts several small blobs together.
 *
 * <pre>
 *  0                                        numbers are little-endian, nothing is padded
 *  +---------------------------------------------------------------------------------+
 *  | u32 magic, "FBBA"                                                               |
 *  +---------------------------------------------------------------------------------+
 *  | u16 bytes of the name | name                                     for each blob  |
 *  | 16 bytes MD5 of the body                                                        |
 *  | u16 number of metadata pairs                                                    |
 *  |   u16 bytes of the name | name | u16 bytes of the value | value  for each pair  |
 *  | u32 bytes of the body | body                                                    |
 *  +---------------------------------------------------------------------------------+
 *  | ...                                                                             |
 *  +---------------------------------------------------------------------------------+  the end
 * </pre>
 *
 * Texts are UTF-8.
 *
 * <p><b>Guarantee.</b> What was encoded is decoded as it was. Anything else is decoded to some
 * blobs or ends in a {@link WireFormatException} that says where, what was expected and what was
 * found; no length in it makes the decoder take memory or read beyond the end.
 *
 * <p><b>Limit.</b> Whether a name is legal, a body has its digest, and the whole is not too large,
 * is for the receiver to check. Bodies are not copied: they are slices of what was given.
 */
public final class BatchBody {
    /** The type of the body. */
    public static final String TYPE = "application/vnd.forebay.batch";

    /** The value of {@code comp} in the query of the request. */
    public static final String OPERATION = "batch";

    /** Bytes of the largest body: bodies of blobs at their most, and as much again for the rest. */
    public static final int LARGEST = 256 << 10;

    /** A line of the answer: the blob came into being. */
    public static final String CREATED = "created";

    /** A line of the answer: the name was taken; nothing was changed. */
    public static final String EXISTS = "exists";

    /** A line of the answer: the body has another digest; it was not created. */
    public static final String DIGEST_MISMATCH = "digest-mismatch";

    private static final int MAGIC = 'F' | 'B' << 8 | 'B' << 16 | 'A' << 24;
    private static final int MD5_BYTES = 16;
    private static final int LONGEST = 0xffff;

    /**
     * One blob of a batch.
     *
     * @param name its name
     * @param md5 base64 of the digest that the body must have
     * @param metadata kept along with the body
     * @param body its pieces, one after the other
     */
    public record Blob(
            String name, String md5, Map<String, String> metadata, List<ByteBuffer> body) {}

    private BatchBody() {}

    /**
     * The bytes of a batch.
     *
     * @param blobs at least one, in this order
     * @return heads, which are new, and between them the pieces of the bodies as they were given
     * @throws IllegalArgumentException if a text has more than 65535 bytes, or there are more pairs
     *     of metadata
     */
    public static List<ByteBuffer> encode(List<Blob> blobs) {
        List<ByteBuffer> pieces = new ArrayList<>();
        for (Blob blob : blobs) {
            pieces.add(head(blob, pieces.isEmpty()));
            pieces.addAll(blob.body());
        }
        return pieces;
    }

    private static ByteBuffer head(Blob blob, boolean first) {
        List<byte[]> texts = new ArrayList<>();
        texts.add(blob.name().getBytes(UTF_8));
        new TreeMap<>(blob.metadata())
                .forEach((name, value) -> {
                    texts.add(name.getBytes(UTF_8));
                    texts.add(value.getBytes(UTF_8));
                });
        int length = first ? Integer.BYTES : 0;
        for (byte[] text : texts) {
            length += Short.BYTES + fitting(text.length, "bytes of a text");
        }
        ByteBuffer head =
                ByteBuffer.allocate(length + MD5_BYTES + Short.BYTES + Integer.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN);
        if (first) {
            head.putInt(MAGIC);
        }
        put(head, texts.getFirst());
        head.put(Base64.getDecoder().decode(blob.md5()));
        head.putShort((short) fitting(blob.metadata().size(), "pairs of metadata"));
        texts.subList(1, texts.size()).forEach(text -> put(head, text));
        return head.putInt(blob.body().stream().mapToInt(ByteBuffer::remaining).sum()).flip();
    }

    private static void put(ByteBuffer head, byte[] text) {
        head.putShort((short) text.length).put(text);
    }

    private static int fitting(int number, String what) {
        if (number > LONGEST) {
            throw new IllegalArgumentException(
                    "expected at most %d %s in a batch, found %d".formatted(LONGEST, what, number));
        }
        return number;
    }

    /**
     * Reads the remaining bytes of {@code batch}, whose position stays.
     *
     * @param batch a whole one
     * @param most how many blobs are taken
     * @return the blobs, each with a body of one piece
     * @throws WireFormatException if it is none, or has more blobs
     */
    public static List<Blob> decode(ByteBuffer batch, int most) {
        ByteBuffer from = batch.slice().order(ByteOrder.LITTLE_ENDIAN);
        expect(from, Integer.BYTES, "the magic of a batch");
        int magic = from.getInt();
        if (magic != MAGIC) {
            throw malformed(0, "the magic %08x".formatted(MAGIC), "%08x".formatted(magic));
        }
        List<Blob> blobs = new ArrayList<>();
        while (from.hasRemaining()) {
            if (blobs.size() == most) {
                throw malformed(from.position(), "at most " + most + " blobs", "another one");
            }
            blobs.add(blob(from));
        }
        return blobs;
    }

    private static Blob blob(ByteBuffer from) {
        String name = text(from, "name of a blob");
        expect(from, MD5_BYTES, "an MD5");
        byte[] md5 = new byte[MD5_BYTES];
        from.get(md5);
        expect(from, Short.BYTES, "the number of metadata pairs");
        int pairs = Short.toUnsignedInt(from.getShort());
        Map<String, String> metadata = new TreeMap<>();
        for (int i = 0; i < pairs; i++) {
            int begin = from.position();
            String key = text(from, "name of metadata");
            if (metadata.putIfAbsent(key, text(from, "value of metadata")) != null) {
                throw malformed(
                        begin, "each name of metadata once", "'" + Printable.of(key) + "' again");
            }
        }
        expect(from, Integer.BYTES, "the length of a body");
        int begin = from.position();
        long length = Integer.toUnsignedLong(from.getInt());
        if (length > from.remaining()) {
            throw malformed(
                    begin, "a body of " + length + " bytes", from.remaining() + " bytes left");
        }
        return new Blob(
                name,
                Base64.getEncoder().encodeToString(md5),
                metadata,
                List.of(taken(from, (int) length)));
    }

    private static String text(ByteBuffer from, String what) {
        expect(from, Short.BYTES, "the length of the " + what);
        int begin = from.position();
        int length = Short.toUnsignedInt(from.getShort());
        if (length > from.remaining()) {
            throw malformed(
                    begin,
                    "a %s of %d bytes".formatted(what, length),
                    from.remaining() + " bytes left");
        }
        try {
            return UTF_8.newDecoder().decode(taken(from, length)).toString();
        } catch (CharacterCodingException e) {
            throw malformed(begin + Short.BYTES, "a " + what + " in UTF-8", "other bytes");
        }
    }

    private static ByteBuffer taken(ByteBuffer from, int length) {
        ByteBuffer taken = from.slice(from.position(), length);
        from.position(from.position() + length);
        return taken;
    }

    private static void expect(ByteBuffer from, int bytes, String what) {
        if (from.remaining() < bytes) {
            throw malformed(from.position(), what, from.remaining() + " bytes left");
        }
    }

    private static WireFormatException malformed(int offset, String expected, String found) {
        return new WireFormatException(
                "a batch is malformed at offset %d: expected %s, found %s; put these blobs one by one, or mend what made the batch"
                        .formatted(offset, expected, found),
                null);
    }
}
