package dev.forebay.datalog;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What the catalogue notes, one journal frame each. Numbers are big-endian, a text is its length in
 * 4 bytes and its UTF-8, a list its length in 4 bytes and its elements:
 *
 * <pre>
 * 1 schema   8 id, text definition
 * 2 page     8 id, 8 bytes, 1 preserve,
 *            series: 1 kind, texts channel, type, source, 8 entries, 8 empty, 8 bytes, 8 from, 8 to
 *            comments: 8 from, 8 to
 * 3 gone     8 page, 1 loss
 * 4 lost     8 entries of a page that could not be recovered
 * 5 refused  1 reason, 8 how many in all
 * 6 totals   4 losses: for each, 1 loss, 8 entries in all
 * </pre>
 *
 * Each can be read twice with the same outcome, except 4, which {@link Totals} in front of it
 * overrules.
 */
sealed interface CatalogueEntry {
    /** A schema that clients may name. */
    record Schema(long id, SignalSchema schema) implements CatalogueEntry {}

    /** A page is complete. */
    record Page(PageSummary summary) implements CatalogueEntry {}

    /** A page is about to be removed, and no longer counts. */
    record Gone(long page, Loss loss) implements CatalogueEntry {}

    /** Entries that were in a page and could not be recovered. */
    record Lost(long entries) implements CatalogueEntry {}

    /** How many entries were refused so far, for one reason. */
    record Refused(int reason, long count) implements CatalogueEntry {}

    /** How many entries went so far, by the way they went; nothing else did. */
    record Totals(List<Total> losses) implements CatalogueEntry {
        public Totals {
            losses = List.copyOf(losses);
        }
    }

    /** One of the {@link Totals}. */
    record Total(Loss loss, long entries) {}

    /** The bytes of a frame. */
    default byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            switch (this) {
                case Schema schema -> {
                    out.writeByte(1);
                    out.writeLong(schema.id);
                    text(out, schema.schema.definition());
                }
                case Page page -> {
                    out.writeByte(2);
                    encode(out, page.summary);
                }
                case Gone gone -> {
                    out.writeByte(3);
                    out.writeLong(gone.page);
                    out.writeByte(gone.loss.code());
                }
                case Lost lost -> {
                    out.writeByte(4);
                    out.writeLong(lost.entries);
                }
                case Refused refused -> {
                    out.writeByte(5);
                    out.writeByte(refused.reason);
                    out.writeLong(refused.count);
                }
                case Totals totals -> {
                    out.writeByte(6);
                    out.writeInt(totals.losses.size());
                    for (Total total : totals.losses) {
                        out.writeByte(total.loss.code());
                        out.writeLong(total.entries);
                    }
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("an array took no bytes", e);
        }
        return bytes.toByteArray();
    }

    private static void encode(DataOutputStream out, PageSummary page) throws IOException {
        out.writeLong(page.id());
        out.writeLong(page.bytes());
        out.writeBoolean(page.preserve());
        out.writeInt(page.series().size());
        for (SeriesSummary series : page.series()) {
            out.writeByte(series.key().kind().code());
            text(out, series.key().channel());
            text(out, series.key().type());
            text(out, series.key().source());
            out.writeLong(series.entries());
            out.writeLong(series.empty());
            out.writeLong(series.bytes());
            range(out, series.range());
        }
        out.writeInt(page.comments().size());
        for (TimeRange comments : page.comments()) {
            range(out, comments);
        }
    }

    private static void range(DataOutputStream out, TimeRange range) throws IOException {
        out.writeLong(range.from());
        out.writeLong(range.to());
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    /**
     * Reads a frame.
     *
     * @throws DataLogException if it is none of these
     */
    static CatalogueEntry decode(byte[] frame) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(frame))) {
            int type = in.readByte();
            return switch (type) {
                case 1 -> new Schema(in.readLong(), SignalSchema.parse(text(in)));
                case 2 -> new Page(page(in));
                case 3 -> new Gone(in.readLong(), Loss.of(in.readByte()));
                case 4 -> new Lost(in.readLong());
                case 5 -> new Refused(in.readByte(), in.readLong());
                case 6 -> totals(in);
                default ->
                        throw new DataLogException(
                                DataLogException.Fault.DAMAGED,
                                "the catalogue holds a note of type %d; expected 1 to 6"
                                        .formatted(type));
            };
        } catch (IOException | IllegalArgumentException e) {
            throw new DataLogException(
                    DataLogException.Fault.DAMAGED,
                    "a note of the catalogue cannot be read: " + e,
                    e);
        }
    }

    private static Totals totals(DataInputStream in) throws IOException {
        int count = count(in, 9);
        List<Total> losses = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            losses.add(new Total(Loss.of(in.readByte()), in.readLong()));
        }
        return new Totals(losses);
    }

    private static PageSummary page(DataInputStream in) throws IOException {
        long id = in.readLong();
        long bytes = in.readLong();
        boolean preserve = in.readBoolean();
        int count = count(in, 53);
        List<SeriesSummary> series = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Kind kind = Kind.of(in.readByte());
            SeriesKey key = new SeriesKey(kind, text(in), text(in), text(in));
            series.add(
                    new SeriesSummary(key, in.readLong(), in.readLong(), in.readLong(), range(in)));
        }
        int ranges = count(in, 16);
        List<TimeRange> comments = new ArrayList<>(ranges);
        for (int i = 0; i < ranges; i++) {
            comments.add(range(in));
        }
        return new PageSummary(id, bytes, preserve, false, series, comments);
    }

    private static TimeRange range(DataInputStream in) throws IOException {
        return new TimeRange(in.readLong(), in.readLong());
    }

    /** The length of a list, not more than can be there. */
    private static int count(DataInputStream in, int leastBytes) throws IOException {
        int count = in.readInt();
        if (count < 0 || (long) count * leastBytes > in.available()) {
            throw new IOException(
                    "a list of %d elements in %d bytes".formatted(count, in.available()));
        }
        return count;
    }

    private static String text(DataInputStream in) throws IOException {
        byte[] bytes = new byte[count(in, 1)];
        in.readFully(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
