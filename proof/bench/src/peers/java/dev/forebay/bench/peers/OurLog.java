package dev.forebay.bench.peers;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.Durability;
import dev.forebay.journal.Entry;
import dev.forebay.journal.Frame;
import dev.forebay.journal.Journal;
import dev.forebay.journal.JournalReader;
import dev.forebay.journal.JournalSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** The journal. */
final class OurLog implements KeptLog {
    private static final JournalSettings SETTINGS =
            JournalSettings.defaults().withSpares(16).withReadyAhead(4);

    private final Journal journal;
    private final Durability level;

    OurLog(Disk disk, Path directory, Durability level) {
        journal = Journal.open(disk, Clock.system(), directory.resolve("journal"), SETTINGS);
        this.level = level;
    }

    /** A journal whose segments were written and trimmed before, enough for {@code records}. */
    static OurLog recycled(Path directory, Durability level, long records) {
        OurLog log = new OurLog(Disk.system(), directory, level);
        for (long i = 0; i < records; i += Records.COUNT) {
            log.journal.append(Records.ALL, 0, Durability.WRITTEN);
        }
        log.journal.trim(log.journal.next());
        return log;
    }

    @Override
    public void append(byte[] record) {
        journal.append(record, 0, level);
    }

    @Override
    public void append(List<byte[]> records) {
        journal.append(records, 0, level);
    }

    @Override
    public void readBack(Consumer<byte[]> each) {
        try (JournalReader reader = journal.read(journal.first())) {
            for (Entry entry = reader.next(); entry != null; entry = reader.next()) {
                if (!(entry instanceof Frame frame)) {
                    throw new IllegalStateException("read back " + entry);
                }
                each.accept(frame.payload());
            }
        }
    }

    @Override
    public void close() {
        journal.close();
    }
}
