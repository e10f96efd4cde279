package dev.forebay.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.base.Durability;
import dev.forebay.journal.JournalException.Fault;
import dev.forebay.testkit.ForwardingDisk;
import dev.forebay.testkit.SimulatedDisk;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What a reader says when the file that it is about to open cannot be opened. */
class JournalReaderTest {
    private static final Path ROOT = Path.of("/journal");

    /** What happens before a segment's file is opened for reading. */
    private interface Beforehand {
        void run() throws IOException;
    }

    private Beforehand beforehand = () -> {};

    private Disk disk() {
        return new ForwardingDisk(new SimulatedDisk()) {
            @Override
            public DiskFile open(Path path, Access access) throws IOException {
                if (access == Access.READ && path.toString().endsWith(".journal")) {
                    beforehand.run();
                }
                return super.open(path, access);
            }
        };
    }

    private static void fillThreeSegments(Journal journal) {
        while (journal.segmentCount() < 3) {
            journal.append(new byte[700], Durability.WRITTEN);
        }
    }

    @Test
    void readerThatTrimOvertakesSaysThatFrameWasTrimmed() {
        try (Journal journal = Journal.open(disk(), Clock.system(), ROOT, JournalTest.SMALL);
                JournalReader reader = journal.read(journal.first())) {
            fillThreeSegments(journal);
            beforehand = () -> journal.trim(journal.next());

            assertThatExceptionOfType(JournalException.class)
                    .isThrownBy(reader::next)
                    .satisfies(e -> assertThat(e.fault()).isEqualTo(Fault.OUT_OF_RANGE));
        }
    }

    @Test
    void readerSaysWhichFrameItCannotReadIfFileIsGoneWithoutTrim() {
        try (Journal journal = Journal.open(disk(), Clock.system(), ROOT, JournalTest.SMALL);
                JournalReader reader = journal.read(journal.first())) {
            fillThreeSegments(journal);
            beforehand =
                    () -> {
                        throw new NoSuchFileException("gone");
                    };

            assertThatExceptionOfType(JournalException.class)
                    .isThrownBy(reader::next)
                    .withMessageContaining("read frame 1")
                    .satisfies(e -> assertThat(e.fault()).isEqualTo(Fault.FAILED));
        }
    }
}
