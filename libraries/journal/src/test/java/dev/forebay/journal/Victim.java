package dev.forebay.journal;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.Durability;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The process that is killed: {@code Victim DIRECTORY LEVEL}. It says {@code opening}, then the
 * first and the next sequence it found, then each number once it is acknowledged. It needs nothing
 * but the journal and the base, so that it starts fast.
 */
final class Victim {
    static final JournalSettings SETTINGS =
            JournalSettings.defaults()
                    .withSegmentBytes(ByteSize.ofKiB(8))
                    .withReadyAhead(1)
                    .withSpares(2);

    private Victim() {}

    static byte[] payload(long sequence) {
        String text = "frame " + sequence + " ";
        return text.repeat(1 + (int) (sequence * 7 % 60)).getBytes(StandardCharsets.US_ASCII);
    }

    public static void main(String[] arguments) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.US_ASCII);
        Path directory = Path.of(arguments[0]);
        Durability level = Durability.parse(arguments[1]);
        out.println("opening");
        try (Journal journal = Journal.open(Disk.system(), Clock.system(), directory, SETTINGS)) {
            out.println(journal.first() + " " + journal.next());
            while (true) {
                long sequence = journal.append(payload(journal.next()), level);
                out.println(sequence);
                if (sequence % 100 == 0) {
                    journal.trim(sequence - 50);
                }
            }
        }
    }
}
