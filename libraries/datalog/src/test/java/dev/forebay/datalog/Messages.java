package dev.forebay.datalog;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalLong;

/** Messages in the wire format of Protocol Buffers, as clients send them. */
final class Messages {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private Messages number(int field, long value) {
        varint((long) field << 3);
        varint(value);
        return this;
    }

    private Messages bytes(int field, byte[] value) {
        varint((long) field << 3 | 2);
        varint(value.length);
        bytes.writeBytes(value);
        return this;
    }

    private Messages text(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    private Messages time(int field, long nanos) {
        bytes.writeBytes(Fields.timestamp(field, nanos));
        return this;
    }

    private void varint(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        bytes.write((int) rest);
    }

    private ByteBuffer build() {
        return ByteBuffer.wrap(bytes.toByteArray());
    }

    static Entry text(String message, long nanos, String source) {
        return new Entry.Text(
                new Messages()
                        .text(1, message)
                        .time(2, nanos)
                        .text(3, source)
                        .number(4, 2)
                        .build());
    }

    static Entry comment(String message, long nanos) {
        return new Entry.Comment(new Messages().text(1, message).time(2, nanos).build());
    }

    static Entry undatedComment(String message) {
        return new Entry.Comment(new Messages().text(1, message).build());
    }

    static Entry event(String id, long start, long end, int level, boolean preserve) {
        return new Entry.Event(
                new Messages()
                        .text(1, "test:type")
                        .text(3, "source")
                        .text(4, id)
                        .time(5, start)
                        .time(6, end)
                        .number(7, level)
                        .number(9, preserve ? 2 : 1)
                        .build());
    }

    static Entry blob(String channel, long nanos, String data) {
        return new Entry.Blob(OptionalLong.of(nanos), channel, "test.Blob", "client", bytes(data));
    }

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    static String string(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }

    /** The text in field {@code number} of each message. */
    static List<String> texts(List<ByteBuffer> messages, int number) {
        return messages.stream().map(message -> text(message, number)).toList();
    }

    private static String text(ByteBuffer message, int number) {
        try {
            Fields in = new Fields(message);
            for (int field = in.next(); field != 0; field = in.next()) {
                if (field == number) {
                    return in.text();
                }
                in.skip();
            }
            return "";
        } catch (Fields.MalformedMessageException e) {
            throw new AssertionError(e);
        }
    }
}
