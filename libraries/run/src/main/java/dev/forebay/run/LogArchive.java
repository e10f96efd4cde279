package dev.forebay.run;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.forebay.base.Reason;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Container;
import dev.forebay.blob.ContainerException;
import dev.forebay.blob.Lookup;
import dev.forebay.blob.Md5;
import dev.forebay.blob.OpenBlob;
import dev.forebay.blob.Wait;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Logs of runs that have ended, in a container: pieces of whole lines, and an index that says how
 * many lines each piece has.
 *
 * <pre>
 *  RUN/0-MD5 ...   piece: frames as in {@link LogFrame}, at least a MiB, the last one less
 *  RUN/index       "pieces", then for each piece a line: the number of its lines, and its name
 * </pre>
 *
 * <p>An index of an earlier version has a name in the place of "pieces", and then numbers only: the
 * pieces are RUN/NAME/0 and on.
 *
 * <p><b>Guarantee.</b> A log is there whole or not at all, and only once it is {@link
 * dev.forebay.base.Durability#SYNCED}: the index comes last. What is read is what was stored, line
 * by line with its time: the digest of each piece is checked before its first line is released. Of
 * several logs stored under one name the first counts.
 *
 * <p><b>Limit.</b> An attempt that was cut short leaves its pieces, which the next attempt with the
 * same log takes as its own; others go with the container. A piece, so at least a MiB and at most a
 * MiB and the longest line, is held in memory while it is written or read.
 *
 * <p>Blocks on the container, whose faults are {@link ContainerException}s. Safe for use by many
 * threads; a reader is for one.
 */
public final class LogArchive {
    private static final int PIECE = 1 << 20;

    private final Container container;

    /**
     * The logs in a container.
     *
     * @param container one blob for each log
     */
    public LogArchive(Container container) {
        this.container = container;
    }

    private static BlobName index(long run) {
        return new BlobName(run + "/index");
    }

    /** Its name in the index: the same of the same bytes, so that no attempt stores them twice. */
    private static String name(int number, Md5 md5) {
        byte[] digest = Base64.getDecoder().decode(md5.base64());
        return number + "-" + HexFormat.of().formatHex(digest);
    }

    private static BlobName piece(long run, String name) {
        return new BlobName(run + "/" + name);
    }

    /**
     * Whether the log of the run is there.
     *
     * @param run its number
     * @return true if it is
     */
    public boolean has(long run) {
        return container.head(index(run)).isPresent();
    }

    /**
     * Stores all lines of a log that has ended. Where the rest of it cannot be read, a last line
     * says so.
     *
     * @param run its number
     * @param lines the log, from its beginning
     * @throws InterruptedException if the thread is interrupted; the log is not stored then
     */
    public void store(long run, LogReader lines) throws InterruptedException {
        StringBuilder index = new StringBuilder("pieces\n");
        ByteArrayOutputStream piece = new ByteArrayOutputStream();
        int pieces = 0;
        long count = 0;
        Instant last = Instant.EPOCH;
        boolean more = true;
        while (more) {
            LogLine line = null;
            try {
                line = lines.next();
            } catch (RunLogException e) {
                line = new LogLine(last, lost(e), true);
                more = false;
            }
            if (line == null) {
                more = false;
            } else {
                last = line.at();
                LogFrame.append(line, piece);
                count++;
            }
            if (count > 0 && (piece.size() >= PIECE || !more)) {
                String name = name(pieces++, Md5.of(ByteBuffer.wrap(piece.toByteArray())));
                put(piece(run, name), piece.toByteArray());
                index.append(count).append(' ').append(name).append('\n');
                piece.reset();
                count = 0;
            }
        }
        put(index(run), index.toString().getBytes(US_ASCII));
    }

    private static byte[] lost(RunLogException reason) {
        return ("forebay: the rest of this log is lost: " + reason.getMessage())
                .getBytes(StandardCharsets.UTF_8);
    }

    private void put(BlobName name, byte[] body) {
        ByteBuffer bytes = ByteBuffer.wrap(body);
        container.put(name, bytes, Md5.of(bytes.duplicate()), Map.of());
    }

    /**
     * {@return opens the log of a run; empty if it is not there}
     *
     * @param run its number
     * @param query its {@code follow} has no meaning here: nothing comes any more
     */
    public Optional<LogReader> open(long run, LogQuery query) {
        return read(index(run))
                .map(bytes ->
                        new Reader(
                                run,
                                pieces(US_ASCII.decode(bytes).toString().lines().toList()),
                                query));
    }

    /** A piece as the index has it. */
    private record Piece(long lines, String name) {}

    private static List<Piece> pieces(List<String> index) {
        List<Piece> pieces = new ArrayList<>();
        for (String line : index.subList(1, index.size())) {
            String[] parts = line.split(" ", 2);
            String name = parts.length > 1 ? parts[1] : index.getFirst() + "/" + pieces.size();
            pieces.add(new Piece(Long.parseLong(parts[0]), name));
        }
        return pieces;
    }

    /** The whole blob, once its digest was checked. */
    private Optional<ByteBuffer> read(BlobName name) {
        if (!(container.get(name, Wait.NONE) instanceof Lookup.Found(OpenBlob found))) {
            return Optional.empty();
        }
        try (OpenBlob blob = found) {
            ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(blob.info().size()));
            blob.readInto(bytes);
            bytes.flip();
            Md5 read = Md5.of(bytes.duplicate());
            if (!read.equals(blob.info().md5())) {
                throw new RunLogException(
                        "the archived log is damaged: expected MD5 %s of %s, found %s"
                                .formatted(blob.info().md5(), name, read));
            }
            return Optional.of(bytes);
        }
    }

    /** Reads piece after piece. */
    private final class Reader implements LogReader {
        private final long run;
        private final List<Piece> pieces;
        private final LogQuery query;
        private int next;
        private long skip;
        private ByteBuffer frames = ByteBuffer.allocate(0);

        Reader(long run, List<Piece> pieces, LogQuery query) {
            this.run = run;
            this.pieces = pieces;
            this.query = query;
            long all = pieces.stream().mapToLong(Piece::lines).sum();
            this.skip = query.tail().isPresent() ? Math.max(0, all - query.tail().getAsLong()) : 0;
            while (next < pieces.size() && skip >= pieces.get(next).lines()) {
                skip -= pieces.get(next++).lines();
            }
        }

        @Override
        public @Nullable LogLine next() {
            while (frames.hasRemaining() || next < pieces.size()) {
                if (!frames.hasRemaining()) {
                    frames = piece();
                }
                LogLine line = LogFrame.next(frames);
                boolean asked = query.since().isEmpty() || line.at().isAfter(query.since().get());
                if (skip > 0) {
                    skip--;
                } else if (asked) {
                    return line;
                }
            }
            return null;
        }

        private ByteBuffer piece() {
            BlobName name = LogArchive.piece(run, pieces.get(next++).name());
            try {
                return read(name)
                        .orElseThrow(() ->
                                new RunLogException(
                                        "the archived log is damaged: %s is missing"
                                                .formatted(name)));
            } catch (ContainerException e) {
                throw new RunLogException("the archived log cannot be read: " + Reason.of(e), e);
            }
        }

        @Override
        public void close() {
            frames = ByteBuffer.allocate(0);
            next = pieces.size();
        }
    }
}
