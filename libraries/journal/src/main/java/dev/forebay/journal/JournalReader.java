package dev.forebay.journal;

import dev.forebay.base.DamagedException;
import dev.forebay.base.DiskFile;
import dev.forebay.journal.JournalException.Fault;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the frames of an open {@link Journal} in order, each once, checked against its CRC and its
 * place before it is released. At the end it may be asked again later.
 *
 * <p>Not safe for use by several threads. Reads block.
 */
public final class JournalReader implements AutoCloseable {
    private final Journal journal;
    private final Layout layout = new Layout();
    private final boolean synced;
    private long next;
    private long until;
    private @Nullable Segment segment;
    private @Nullable DiskFile file;
    private @Nullable FrameScanner scanner;
    private boolean closed;

    JournalReader(Journal journal, long from, boolean synced) {
        this.journal = journal;
        this.next = from;
        this.until = from;
        this.synced = synced;
    }

    /** {@return the sequence of the entry that {@link #next} gives next} */
    public long position() {
        return next;
    }

    /**
     * {@return the next entry, or null if there is none yet}
     *
     * @throws DamagedException if it cannot be read; reopen the journal with {@code SET_ASIDE}, or
     *     repair it, to read on behind it
     * @throws JournalException if it was trimmed meanwhile, or the reader was closed
     */
    public @Nullable Entry next() {
        if (closed) {
            throw new JournalException(Fault.CLOSED, "the reader is closed", null);
        }
        try {
            FrameScanner here = next < until ? scanner : enter();
            if (here == null) {
                return null;
            }
            if (!here.find(next)) {
                throw damaged(here);
            }
            Entry entry = here.entry();
            next = entry.next();
            here.advance();
            return entry;
        } catch (IOException e) {
            throw Journal.failed("read frame " + next, e);
        }
    }

    /** Goes to where the next entry is; null if there is none yet. */
    private @Nullable FrameScanner enter() throws IOException {
        Segment before = segment;
        SegmentIndex.View view = journal.view(next, synced, before);
        Segment now = view.segment();
        if (next >= view.until() || now == null) {
            until = view.until();
            return null;
        }
        segment = now;
        FrameScanner here = scanner;
        if (now != before || here == null) {
            scanner = null; // If moving fails, the next call tries again.
            here = move(now, view);
            scanner = here;
        }
        here.limit(view.end());
        until = view.until();
        return here;
    }

    private FrameScanner move(Segment now, SegmentIndex.View view) throws IOException {
        DiskFile last = file;
        file = null;
        if (last != null) {
            last.close();
        }
        DiskFile opened = journal.openSegment(now, next);
        file = opened;
        FrameScanner here =
                new FrameScanner(opened, layout, now.key, view.mark().offset(), view.end());
        long at = view.mark().sequence();
        while (at < next) {
            if (!here.find(at)) {
                throw damaged(here);
            }
            long after = at + here.count();
            if (after > next) {
                next = at; // A gap that begins earlier is given as a whole.
                break;
            }
            at = after;
            here.advance();
        }
        return here;
    }

    private DamagedException damaged(FrameScanner here) {
        return new DamagedException(
                "frame %d cannot be read in %s at offset %d: %s; reopen with SET_ASIDE, or run 'forebay journal repair', to read on behind it"
                        .formatted(
                                next,
                                segment == null ? "?" : segment.path,
                                here.offset(),
                                here.reason()));
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        Segment last = segment;
        if (last != null) {
            journal.leave(last);
        }
        DiskFile open = file;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                throw Journal.failed("close a reader", e);
            }
        }
    }
}
