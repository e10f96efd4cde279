package dev.forebay.blob;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.forebay.base.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
     * Reads what is known of the blob in {@code file}.
     *
     * @throws ContainerException of {@link ContainerException.Fault#DAMAGED} if this is not a whole
     *     blob file
     */
    static BlobInfo read(BlobName name, DiskFile file, Object path) throws IOException {
        long fileSize = file.size();
        if (fileSize < FOOTER) {
            throw damaged(path, "has " + fileSize + " bytes, fewer than a footer's " + FOOTER);
        }
        ByteBuffer footer = ByteBuffer.allocate(FOOTER).order(ByteOrder.LITTLE_ENDIAN);
        file.readFully(footer, fileSize - FOOTER);
        footer.flip();
        if (footer.getInt(FOOTER - 4) != MAGIC) {
            throw damaged(path, "does not end in the magic of a blob");
        }
        if (footer.getInt(CHECKED - 4) != VERSION) {
            throw damaged(
                    path,
                    "is of format version "
                            + footer.getInt(CHECKED - 4)
                            + ", this program reads "
                            + VERSION);
        }
        long size = footer.getLong(0);
        int metadataLength = footer.getInt(8);
        if (size < 0
                || metadataLength < 0
                || metadataLength > LARGEST_METADATA
                || size != fileSize - FOOTER - metadataLength) {
            throw damaged(
                    path,
                    "has "
                            + fileSize
                            + " bytes, but says "
                            + size
                            + " of body and "
                            + metadataLength
                            + " of metadata");
        }
        ByteBuffer checked =
                ByteBuffer.allocate(metadataLength + CHECKED).order(ByteOrder.LITTLE_ENDIAN);
        file.readFully(checked, size);
        checked.flip();
        if (checksum(checked.duplicate()) != footer.getInt(CHECKED)) {
            throw damaged(path, "has a wrong checksum over metadata and footer");
        }
        byte[] md5 = new byte[MD5_BYTES];
        footer.get(12, md5);
        Instant created = Instant.ofEpochSecond(footer.getLong(28), footer.getInt(36));
        return new BlobInfo(
                name,
                size,
                new Md5(Base64.getEncoder().encodeToString(md5)),
                metadata(checked.slice(0, metadataLength).order(ByteOrder.LITTLE_ENDIAN)),
                created);
    }

    private static Map<String, String> metadata(ByteBuffer pairs) {
        Map<String, String> metadata = new TreeMap<>();
        while (pairs.hasRemaining()) {
            String name = text(pairs);
            metadata.put(name, text(pairs));
        }
        return metadata;
    }

    private static String text(ByteBuffer from) {
        byte[] bytes = new byte[Short.toUnsignedInt(from.getShort())];
        from.get(bytes);
        return new String(bytes, UTF_8);
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    private static ContainerException damaged(Object path, String what) {
        return new ContainerException(
                ContainerException.Fault.DAMAGED,
                path + " " + what + "; it was left as it is, restore it from another copy");
    }
}
