package dev.forebay.blob;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * The one place that knows how a blob lies in its file: body, metadata and digest together, so that
 * one sync and one link make the whole of it.
 *
 * <pre>
 *  0                                                              numbers are little-endian
 *  +---------------------------------------------------------------+
 *  | body, as many bytes as it has                                 |
 *  +---------------------------------------------------------------+
 *  | metadata: pairs of texts in UTF-8, in order of their names    |
 *  |   u16 bytes of the name  | name | u16 bytes of value  | value |
 *  +---------------------------------------------------------------+  size - 52
 *  | u64 bytes of the body                                         |
 *  | u32 bytes of the metadata                                     |
 *  | 16 bytes MD5 of the body                                      |
 *  | i64 seconds, u32 nanoseconds: when it came into being         |
 *  | u32 format version, 1                                         |
 *  | u32 CRC32C of the metadata and the footer up to here          |
 *  | u32 magic, "FBLB"                                             |
 *  +---------------------------------------------------------------+  size
 * </pre>
 *
 * The body has no checksum of its own beside the MD5, which the reader of a blob checks.
 */
final class BlobFile {
    static final int FOOTER = 52;

    private static final int VERSION = 1;
    private static final int MAGIC = 'F' | 'B' << 8 | 'L' << 16 | 'B' << 24;
    private static final int CHECKED = FOOTER - 8;
    private static final int MD5_BYTES = 16;
    private static final int LARGEST_METADATA = 1 << 16;

    /** Seconds from 1970 to the year 9999, which is what dates in headers can say. */
    private static final long LATEST = 253_402_300_799L;

    private BlobFile() {}

    /** What follows the body. */
    static ByteBuffer tail(long size, Md5 md5, Map<String, String> metadata, Instant created) {
        int length = 0;
        List<byte[]> texts = new ArrayList<>();
        for (Map.Entry<String, String> pair : new TreeMap<>(metadata).entrySet()) {
            byte[] name = pair.getKey().getBytes(UTF_8);
            byte[] value = pair.getValue().getBytes(UTF_8);
            length += 4 + name.length + value.length;
            if (length >= LARGEST_METADATA) {
                throw new ContainerException(
                        ContainerException.Fault.BAD_REQUEST,
                        "the metadata of a blob has more than "
                                + LARGEST_METADATA
                                + " bytes; send less");
            }
            texts.add(name);
            texts.add(value);
        }
        ByteBuffer tail = ByteBuffer.allocate(length + FOOTER).order(ByteOrder.LITTLE_ENDIAN);
        for (byte[] text : texts) {
            tail.putShort((short) text.length).put(text);
        }
        tail.putLong(size).putInt(length).put(Base64.getDecoder().decode(md5.base64()));
        tail.putLong(created.getEpochSecond()).putInt(created.getNano()).putInt(VERSION);
        tail.putInt(checksum(tail.duplicate().flip())).putInt(MAGIC);
        return tail.flip();
    }

    /**
     * Reads what is known of the blob whose file is {@code file}.
     *
     * @throws ContainerException of {@link ContainerException.Fault#DAMAGED} if this is not a whole
     *     blob file; the message says where, what was expected and what was found
     */
    static BlobInfo read(BlobName name, FileEnd file) throws IOException {
        Object path = file.path();
        long footerAt = file.end() - FOOTER;
        if (footerAt < file.from()) {
            throw damaged(
                    path,
                    file.from(),
                    "at least " + FOOTER + " bytes",
                    file.end() - file.from() + " in all");
        }
        ByteBuffer footer = file.read(footerAt, FOOTER);
        expect(path, file.end() - 4, "the magic ", MAGIC, footer.getInt(FOOTER - 4));
        expectVersion(file, footerAt + CHECKED - 4, VERSION, footer.getInt(CHECKED - 4));
        long size = footer.getLong(0);
        int metadataLength = footer.getInt(8);
        if (size < 0
                || metadataLength < 0
                || metadataLength > LARGEST_METADATA
                || size != footerAt - file.from() - metadataLength) {
            throw damaged(
                    path,
                    footerAt,
                    "body and metadata of " + (footerAt - file.from()) + " bytes together",
                    size + " of body and " + metadataLength + " of metadata");
        }
        long tailAt = file.from() + size;
        ByteBuffer checked = file.read(tailAt, metadataLength + CHECKED);
        expect(
                path,
                footerAt + CHECKED,
                "the checksum of metadata and footer ",
                checksum(checked.duplicate()),
                footer.getInt(CHECKED));
        byte[] md5 = new byte[MD5_BYTES];
        footer.get(12, md5);
        ByteBuffer pairs = checked.slice(0, metadataLength).order(ByteOrder.LITTLE_ENDIAN);
        return new BlobInfo(
                name,
                size,
                new Md5(Base64.getEncoder().encodeToString(md5)),
                metadata(pairs, tailAt, path),
                created(footer, footerAt, path));
    }

    static void expectVersion(FileEnd file, long at, int expected, int found) {
        if (found != expected) {
            throw damaged(file.path(), at, "format version " + expected, "version " + found);
        }
    }

    private static Instant created(ByteBuffer footer, long footerAt, Object path) {
        long seconds = footer.getLong(28);
        int nanos = footer.getInt(36);
        if (seconds < -LATEST || seconds > LATEST || nanos < 0 || nanos >= 1_000_000_000) {
            throw damaged(
                    path,
                    footerAt + 28,
                    "a time within " + LATEST + " s of 1970",
                    seconds + " s and " + nanos + " ns");
        }
        return Instant.ofEpochSecond(seconds, nanos);
    }

    private static Map<String, String> metadata(ByteBuffer pairs, long at, Object path) {
        Map<String, String> metadata = new TreeMap<>();
        while (pairs.hasRemaining()) {
            long begin = at + pairs.position();
            String name = text(pairs, at, path);
            String value = text(pairs, at, path);
            if (metadata.putIfAbsent(name, value) != null) {
                throw damaged(path, begin, "each name once", "'" + name + "' again");
            }
        }
        return metadata;
    }

    /** A checksum that holds does not make a length fit: another program may have made both. */
    private static String text(ByteBuffer from, long at, Object path) {
        long begin = at + from.position();
        if (from.remaining() < Short.BYTES) {
            throw damaged(path, begin, "the length of a text", from.remaining() + " bytes left");
        }
        int length = Short.toUnsignedInt(from.getShort());
        if (length > from.remaining()) {
            throw damaged(
                    path, begin, "a text of " + length + " bytes", from.remaining() + " left");
        }
        ByteBuffer text = from.slice(from.position(), length);
        from.position(from.position() + length);
        try {
            return UTF_8.newDecoder().decode(text).toString();
        } catch (CharacterCodingException e) {
            throw damaged(path, begin + Short.BYTES, "UTF-8", "other bytes (" + e + ")");
        }
    }

    static int checksum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    static void expect(Object path, long offset, String what, int expected, int found) {
        if (expected != found) {
            throw damaged(
                    path,
                    offset,
                    what + String.format("%08x", expected),
                    String.format("%08x", found));
        }
    }

    static ContainerException damaged(Object path, long offset, String expected, String found) {
        return new ContainerException(
                ContainerException.Fault.DAMAGED,
                "%s is damaged at offset %d: expected %s, found %s; it was left as it is, restore it from another copy"
                        .formatted(path, offset, expected, found));
    }
}
