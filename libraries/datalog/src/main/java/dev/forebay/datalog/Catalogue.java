package dev.forebay.datalog;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.Closing;
import dev.forebay.base.Disk;
import dev.forebay.base.Durability;
import dev.forebay.journal.Entry;
import dev.forebay.journal.Frame;
import dev.forebay.journal.Gap;
import dev.forebay.journal.Journal;
import dev.forebay.journal.JournalReader;
import dev.forebay.journal.JournalSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What is known of complete pages, of schemas, and of entries that are gone or were refused; on a
 * journal, so that an opening reads one file and not every page.
 *
 * <p><b>Guarantee.</b> A note that returned survives a power cut. A note that is lost all the same,
 * to damage, costs no page: pages without one are read again.
 *
 * <p><b>Threads.</b> Safe for use by many. {@code lock} is a leaf; it is held while a note is
 * written, and not while the note is synced.
 */
final class Catalogue implements AutoCloseable {
    private static final ByteSize SEGMENT = ByteSize.ofMiB(16);

    /** Notes of fewer bytes are not written anew. */
    private static final long SHORT = 4 << 20;

    /** The definitions of all schemas together, in characters; they are kept for ever. */
    private static final long MOST_SCHEMAS = 16 << 20;

    private final Journal journal;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final TreeMap<Long, PageSummary> pages = new TreeMap<>();

    @GuardedBy("lock")
    private final SummaryMemory summaries = new SummaryMemory();

    /** Pages that are gone and whose files may still be there. */
    @GuardedBy("lock")
    private final Map<Long, Loss> going = new HashMap<>();

    @GuardedBy("lock")
    private final Map<Long, SignalSchema> schemas = new HashMap<>();

    @GuardedBy("lock")
    private long schemaLength;

    @GuardedBy("lock")
    private final EnumMap<Loss, Long> lost = new EnumMap<>(Loss.class);

    @GuardedBy("lock")
    private final EnumMap<Refusal.Reason, Long> refused = new EnumMap<>(Refusal.Reason.class);

    /** Whether there were refusals since the last note of them. */
    @GuardedBy("lock")
    private boolean refusedMore;

    /** Bytes of all notes in the journal. */
    @GuardedBy("lock")
    private long notedBytes;

    /** The highest number of a page, whether it is there or gone. */
    @GuardedBy("lock")
    private long highest;

    /**
     * Bytes of all complete pages; written with {@code lock} held. A caller need not wait for it.
     */
    private volatile long bytes;

    /** Memory of the summaries of all complete pages; written likewise. */
    private volatile long summaryBytes;

    private Catalogue(Journal journal) {
        this.journal = journal;
    }

    /** Opens the catalogue in {@code folder}, which is made if it is not there. */
    static Catalogue open(Disk disk, Clock clock, Path folder) throws IOException {
        JournalSettings settings =
                JournalSettings.defaults()
                        .withSegmentBytes(SEGMENT)
                        .withReserve(true)
                        .withOnDamage(JournalSettings.DamagePolicy.SET_ASIDE);
        try (Closing onFailure = new Closing()) {
            Journal journal = Journal.open(disk, clock, folder, settings);
            onFailure.then(journal::close);
            Catalogue catalogue = new Catalogue(journal);
            catalogue.replay();
            catalogue.shorten();
            onFailure.forget();
            return catalogue;
        }
    }

    private void replay() {
        lock.lock();
        try {
            try (JournalReader reader = journal.read(journal.first())) {
                for (Entry entry = reader.next(); entry != null; entry = reader.next()) {
                    switch (entry) {
                        case Frame frame -> {
                            apply(CatalogueEntry.decode(frame.payload()));
                            notedBytes += frame.payload().length;
                        }
                        case Gap _ -> {} // Pages without a note are read again.
                    }
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Writes the notes anew if most of them are about what is gone, and lets go of those before.
     *
     * @throws JournalException if the disk fails or is full; nothing is lost then
     */
    void shorten() {
        long begin;
        long end;
        lock.lock();
        try {
            long before = notedBytes;
            if (before <= SHORT + 2 * summaries.bytes()) {
                return;
            }
            begin = journal.next();
            writeAnew();
            end = journal.next() - 1;
            notedBytes -= before;
        } finally {
            lock.unlock();
        }
        journal.trim(begin, end);
    }

    /** Every state in front of the last of these notes is the same as without them. */
    @GuardedBy("lock")
    private void writeAnew() {
        note(
                new CatalogueEntry.Totals(
                        lost.entrySet().stream()
                                .map(e -> new CatalogueEntry.Total(e.getKey(), e.getValue()))
                                .toList()));
        refused.forEach((reason, n) -> note(new CatalogueEntry.Refused(reason.code(), n)));
        schemas.forEach((id, schema) -> note(new CatalogueEntry.Schema(id, schema)));
        pages.values().forEach(page -> note(new CatalogueEntry.Page(page)));
        going.forEach((page, loss) -> note(new CatalogueEntry.Gone(page, loss)));
        if (highest > 0 && !pages.containsKey(highest)) {
            note(new CatalogueEntry.Gone(highest, Loss.EVICTED)); // Its number is not given again.
        }
    }

    @GuardedBy("lock")
    private long note(CatalogueEntry entry) {
        byte[] bytes = entry.encode();
        long sequence = journal.append(bytes, Durability.WRITTEN);
        notedBytes += bytes.length;
        return sequence;
    }

    @GuardedBy("lock")
    @SuppressWarnings("NonAtomicVolatileUpdate") // Written with the lock held only.
    private void apply(CatalogueEntry entry) {
        switch (entry) {
            case CatalogueEntry.Schema(long id, SignalSchema schema) -> {
                SignalSchema old = schemas.put(id, schema);
                schemaLength += length(schema) - (old == null ? 0 : length(old));
            }
            case CatalogueEntry.Page page -> {
                highest = Math.max(highest, page.summary().id());
                remove(page.summary().id());
                pages.put(page.summary().id(), summaries.add(page.summary()));
                bytes += page.summary().bytes();
                summaryBytes = summaries.bytes();
            }
            case CatalogueEntry.Gone gone -> {
                PageSummary page = remove(gone.page());
                if (page != null) {
                    lost.merge(gone.loss(), page.entries(), Long::sum);
                }
                highest = Math.max(highest, gone.page());
                going.put(gone.page(), gone.loss());
            }
            case CatalogueEntry.Lost entries ->
                    lost.merge(Loss.DAMAGED, entries.entries(), Long::sum);
            case CatalogueEntry.Refused refusals -> {
                for (Refusal.Reason reason : Refusal.Reason.values()) {
                    if (reason.code() == refusals.reason()) {
                        refused.put(reason, refusals.count());
                    }
                }
            }
            case CatalogueEntry.Totals totals -> {
                lost.clear();
                totals.losses().forEach(total -> lost.put(total.loss(), total.entries()));
            }
        }
    }

    @GuardedBy("lock")
    @SuppressWarnings("NonAtomicVolatileUpdate") // Written with the lock held only.
    private @Nullable PageSummary remove(long id) {
        PageSummary page = pages.remove(id);
        if (page != null) {
            bytes -= page.bytes();
            summaries.remove(page);
            summaryBytes = summaries.bytes();
        }
        return page;
    }

    /** Notes a complete page, durably. */
    void complete(PageSummary page) {
        await(noted(new CatalogueEntry.Page(page)));
    }

    /** Notes entries of a page that could not be recovered and holds no others. */
    void lost(long entries) {
        await(noted(new CatalogueEntry.Lost(entries)));
    }

    /**
     * Notes a page that was recovered, and the entries that it lost: both or none if this throws.
     * The loss stands first, so that a crash between the two leaves a page to be recovered again,
     * which finds no more loss.
     */
    void recovered(PageSummary page, long lost) {
        if (lost == 0) {
            complete(page);
            return;
        }
        List<CatalogueEntry> entries =
                List.of(new CatalogueEntry.Lost(lost), new CatalogueEntry.Page(page));
        long sequence;
        lock.lock();
        try {
            List<byte[]> frames = entries.stream().map(CatalogueEntry::encode).toList();
            sequence = journal.append(frames, 0, Durability.WRITTEN);
            notedBytes += frames.stream().mapToLong(frame -> frame.length).sum();
            for (CatalogueEntry entry : entries) {
                apply(entry);
            }
        } finally {
            lock.unlock();
        }
        await(sequence);
    }

    /** Notes that a page goes, before its files do; from the reserve if the disk is full. */
    void gone(long page, Loss loss) {
        long sequence;
        lock.lock();
        try {
            CatalogueEntry.Gone gone = new CatalogueEntry.Gone(page, loss);
            byte[] bytes = gone.encode();
            sequence = journal.appendFromReserve(bytes, 0, Durability.WRITTEN);
            notedBytes += bytes.length;
            apply(gone);
        } finally {
            lock.unlock();
        }
        await(sequence);
    }

    private long noted(CatalogueEntry entry) {
        lock.lock();
        try {
            long sequence = note(entry);
            apply(entry);
            return sequence;
        } finally {
            lock.unlock();
        }
    }

    private void await(long sequence) {
        journal.awaitSynced(sequence);
    }

    /** Registers a schema, durably; does nothing if it is registered already. */
    long register(SignalSchema schema, String client) {
        long id = schema.idFor(client);
        long sequence;
        lock.lock();
        try {
            SignalSchema known = schemas.get(id);
            if (schema.equals(known)) {
                return id;
            }
            if (schemaLength + length(schema) > MOST_SCHEMAS) {
                throw new DataLogException(
                        DataLogException.Fault.INVALID,
                        "the %d schemas of the log have %d characters, and with this one more than %d; register a schema once, and use its number for all ticks"
                                .formatted(schemas.size(), schemaLength, MOST_SCHEMAS));
            }
            CatalogueEntry entry = new CatalogueEntry.Schema(id, schema);
            sequence = note(entry);
            apply(entry);
        } finally {
            lock.unlock();
        }
        await(sequence);
        return id;
    }

    private static long length(SignalSchema schema) {
        return schema.definition().length();
    }

    /** The schema of a number, or null. */
    @Nullable SignalSchema schema(long id) {
        lock.lock();
        try {
            return schemas.get(id);
        } finally {
            lock.unlock();
        }
    }

    /** Counts refusals. They are noted by {@link #noteRefusals}. */
    void refused(List<Refusal> refusals) {
        if (refusals.isEmpty()) {
            return; // Without the lock, which is held while a note is written.
        }
        lock.lock();
        try {
            refusals.forEach(refusal -> refused.merge(refusal.reason(), 1L, Long::sum));
            refusedMore = true;
        } finally {
            lock.unlock();
        }
    }

    /** Notes how many refusals there were; does not wait for the device. */
    void noteRefusals() {
        lock.lock();
        try {
            if (refusedMore) {
                refused.forEach((reason, n) -> note(new CatalogueEntry.Refused(reason.code(), n)));
                refusedMore = false;
            }
        } finally {
            lock.unlock();
        }
    }

    /** All complete pages in the order of their numbers. */
    List<PageSummary> pages() {
        lock.lock();
        try {
            return List.copyOf(pages.values());
        } finally {
            lock.unlock();
        }
    }

    Optional<PageSummary> page(long id) {
        lock.lock();
        try {
            return Optional.ofNullable(pages.get(id));
        } finally {
            lock.unlock();
        }
    }

    long bytes() {
        return bytes;
    }

    /** Memory of the summaries of all complete pages. */
    long summaryBytes() {
        return summaryBytes;
    }

    /** Pages that are gone and may still have files. */
    Collection<Long> going() {
        lock.lock();
        try {
            return new ArrayList<>(going.keySet());
        } finally {
            lock.unlock();
        }
    }

    /** The files of a page are gone too. */
    void removed(long id) {
        lock.lock();
        try {
            going.remove(id);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Where every entry is.
     *
     * @param taken how many were taken since the log was made
     * @param held how many are in pages
     */
    Ledger ledger(long taken, long held) {
        lock.lock();
        try {
            return new Ledger(taken, held, lost, refused);
        } finally {
            lock.unlock();
        }
    }

    /** How many entries were taken, after an opening: all that are held or gone. */
    long known() {
        lock.lock();
        try {
            return pages.values().stream().mapToLong(PageSummary::entries).sum()
                    + lost.values().stream().mapToLong(Long::longValue).sum();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        journal.close();
    }
}
