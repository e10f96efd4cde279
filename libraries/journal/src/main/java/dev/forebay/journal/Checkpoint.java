package dev.forebay.journal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Where the next opening may begin to read. Only a hint: without it an opening reads more and knows
 * no less, except which frames were already trimmed.
 *
 * <pre>
 * 0 magic "FBCHKPT1" 8 | trim 8 | synced 8 | number 8 | salt 8 | sequence 8 | offset 8 | CRC32C 4
 * </pre>
 *
 * @param trim frames in front of this one are not needed
 * @param synced the last frame known as synced
 * @param number of the segment to begin in
 * @param salt of that segment
 * @param sequence of the frame to begin at, not after {@code trim}
 * @param offset of that frame
 */
record Checkpoint(long trim, long synced, long number, long salt, long sequence, long offset) {
    static final int BYTES = 60;
    private static final long MAGIC = 0x3154504b48434246L;

    ByteBuffer encode() {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(MAGIC).putLong(trim).putLong(synced).putLong(number).putLong(salt);
        bytes.putLong(sequence).putLong(offset);
        return bytes.putInt(crc(bytes)).flip();
    }

    static @Nullable Checkpoint decode(ByteBuffer bytes) {
        bytes.order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.limit() < BYTES
                || bytes.getLong(0) != MAGIC
                || bytes.getInt(BYTES - Integer.BYTES) != crc(bytes)) {
            return null;
        }
        return new Checkpoint(
                bytes.getLong(8),
                bytes.getLong(16),
                bytes.getLong(24),
                bytes.getLong(32),
                bytes.getLong(40),
                bytes.getLong(48));
    }

    private static int crc(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().position(0).limit(BYTES - Integer.BYTES));
        return (int) crc.getValue();
    }
}
