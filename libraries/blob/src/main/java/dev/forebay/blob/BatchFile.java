package dev.forebay.blob;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.Collection;

/**
 * The one place that knows how blobs that were put together lie in their file: the whole {@link
 * BlobFile} of each, and a table of them. One write and one sync make them all durable, and each of
 * their names is a link to the file, so that nothing else needs to know which blobs lie together,
 * and the file goes with the last of its names.
 *
 * <pre>
 *  0                                                              numbers are little-endian
 *  +---------------------------------------------------------------+
 *  | the blob files, one after the other                           |
 *  +---------------------------------------------------------------+
 *  | table: for each blob file, in the same order                  |
 *  |   u32 bytes of the blob file | u16 bytes of its name | name   |
 *  +---------------------------------------------------------------+  size - 16
 *  | u32 bytes of the table                                        |
 *  | u32 format version, 1                                         |
 *  | u32 CRC32C of the table and what follows it up to here        |
 *  | u32 magic, "FBBA"                                             |
 *  +---------------------------------------------------------------+  size
 * </pre>
 */
final class BatchFile {
    private static final int MAGIC = 'F' | 'B' << 8 | 'B' << 16 | 'A' << 24;
    private static final int VERSION = 1;
    private static final int FOOTER = 16;
    private static final int CHECKED = FOOTER - 8;
    private static final int ENTRY = Integer.BYTES + Short.BYTES;
    private static final int LARGEST_TABLE = 1 << 20;

    private BatchFile() {}

    /** The content of a file with {@code blobs}, which come into being at {@code created}. */
    static ByteBuffer of(Collection<SmallBlob> blobs, Instant created) {
        ByteBuffer[] tails = new ByteBuffer[blobs.size()];
        int bodies = 0;
        int table = 0;
        int i = 0;
        for (SmallBlob blob : blobs) {
            tails[i] = BlobFile.tail(blob.size(), blob.md5(), blob.metadata(), created);
            bodies += blob.size() + tails[i].remaining();
            table += ENTRY + blob.name().text().length();
            i++;
        }
        ByteBuffer file =
                ByteBuffer.allocate(bodies + table + FOOTER).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer entries = file.slice(bodies, table).order(ByteOrder.LITTLE_ENDIAN);
        i = 0;
        for (SmallBlob blob : blobs) {
            int from = file.position();
            blob.body().forEach(piece -> file.put(piece.duplicate()));
            file.put(tails[i++]);
            byte[] name = blob.name().text().getBytes(US_ASCII);
            entries.putInt(file.position() - from).putShort((short) name.length).put(name);
        }
        file.position(bodies + table).putInt(table).putInt(VERSION);
        ByteBuffer checked = file.duplicate().flip().position(bodies);
        return file.putInt(BlobFile.checksum(checked)).putInt(MAGIC).flip();
    }

    /**
     * Where the blob file of {@code name} is: {@code file} itself, or a part of it if it is one of
     * several blobs.
     *
     * @throws ContainerException of {@link ContainerException.Fault#DAMAGED} if it looks like a
     *     file of several blobs and is none, or {@code name} is not among them
     */
    static FileEnd blobFile(BlobName name, FileEnd file) throws IOException {
        long size = file.end();
        if (size < FOOTER || file.read(size - 4, 4).getInt() != MAGIC) {
            return file;
        }
        long footerAt = size - FOOTER;
        ByteBuffer footer = file.read(footerAt, FOOTER);
        BlobFile.expectVersion(file, footerAt + 4, VERSION, footer.getInt(4));
        int length = footer.getInt(0);
        if (length < 0 || length > Math.min(LARGEST_TABLE, footerAt)) {
            throw BlobFile.damaged(
                    file.path(),
                    footerAt,
                    "a table of at most " + Math.min(LARGEST_TABLE, footerAt) + " bytes",
                    "one of " + length);
        }
        long tableAt = footerAt - length;
        ByteBuffer table = file.read(tableAt, length + CHECKED);
        BlobFile.expect(
                file.path(),
                footerAt + CHECKED,
                "the checksum of the table ",
                BlobFile.checksum(table.duplicate()),
                footer.getInt(CHECKED));
        table.limit(length);
        return find(name, file, tableAt, table);
    }

    private static FileEnd find(BlobName name, FileEnd file, long tableAt, ByteBuffer table)
            throws IOException {
        byte[] wanted = name.text().getBytes(US_ASCII);
        long at = 0;
        while (table.hasRemaining()) {
            long entryAt = tableAt + table.position();
            if (table.remaining() < ENTRY) {
                throw BlobFile.damaged(
                        file.path(), entryAt, "an entry", table.remaining() + " bytes left");
            }
            long length = Integer.toUnsignedLong(table.getInt());
            int nameLength = Short.toUnsignedInt(table.getShort());
            if (nameLength > table.remaining() || length > tableAt - at) {
                throw BlobFile.damaged(
                        file.path(),
                        entryAt,
                        "at most %d bytes of a blob and %d of its name"
                                .formatted(tableAt - at, table.remaining()),
                        "%d and %d".formatted(length, nameLength));
            }
            int nameAt = table.position();
            if (nameLength == wanted.length && isAt(nameAt, table, wanted)) {
                return file.part(at, length);
            }
            table.position(nameAt + nameLength);
            at += length;
        }
        throw BlobFile.damaged(
                file.path(), tableAt, "a table with blob " + name, "one of other blobs");
    }

    private static boolean isAt(int at, ByteBuffer table, byte[] wanted) {
        for (int i = wanted.length - 1; i >= 0; i--) {
            if (table.get(at + i) != wanted[i]) {
                return false;
            }
        }
        return true;
    }
}
