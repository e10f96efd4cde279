package dev.forebay.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Trigger;
import dev.forebay.journal.JournalException;
import dev.forebay.journal.JournalSettings;
import dev.forebay.testkit.Faults;
import dev.forebay.testkit.SimulatedDisk;
import java.nio.file.Path;

/** A buffer whose disk is full, the journal's reserve for notes included. */
final class FullJournal {
    private FullJournal() {}

    /** Releases by {@code flush} alone, one record a batch. */
    static RecordBufferBuilder<String> on(SimulatedDisk disk) {
        return RecordBuffer.<String>of(Trigger.atLeast(100_000))
                .disk(disk)
                .journal(Path.of("/buffer"))
                .journalSettings(
                        JournalSettings.defaults()
                                .withSegmentBytes(ByteSize.ofKiB(8))
                                .withReadyAhead(1)
                                .withSpares(0))
                .codec(Codec.strings())
                .maxBatchRecords(1);
    }

    /**
     * Fills the disk with records, and the reserve with the notes of as many batches as it takes.
     */
    static void fill(RecordBuffer<String> buffer, SimulatedDisk disk) {
        for (int i = 0; i < 300; i++) { // More batches than the reserve has room for.
            buffer.add("x");
        }
        disk.faults(Faults.fullAfter(0));
        JournalException full = null;
        while (full == null) {
            try {
                buffer.add("x");
            } catch (JournalException e) {
                full = e;
            }
        }
        assertThat(full.fault()).isEqualTo(JournalException.Fault.NO_SPACE);
        assertThatThrownBy(buffer::flush).hasMessageContaining("stays held");
    }
}
