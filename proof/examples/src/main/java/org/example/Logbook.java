package org.example;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.journal.Entry;
import dev.forebay.journal.Frame;
import dev.forebay.journal.Gap;
import dev.forebay.journal.Journal;
import dev.forebay.journal.JournalReader;
import dev.forebay.journal.JournalSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A logbook: {@code Logbook DIRECTORY [LINE...]} writes lines and prints all there are. A line for
 * which {@link #write} returned is there after a power cut.
 */
public final class Logbook implements AutoCloseable {
    private final Journal journal;

    public Logbook(Disk disk, Path directory) {
        journal = Journal.open(disk, Clock.system(), directory, JournalSettings.defaults());
    }

    /** Returns once the line is synced; many threads share one sync. */
    public long write(String line) {
        return journal.append(line.getBytes(StandardCharsets.UTF_8));
    }

    /** All lines, in the order in which they were written. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        try (JournalReader reader = journal.read(journal.first())) {
            for (Entry entry = reader.next(); entry != null; entry = reader.next()) {
                lines.add(
                        switch (entry) {
                            case Frame frame -> new String(frame.payload(), StandardCharsets.UTF_8);
                            case Gap gap -> "(" + gap + " is lost)";
                        });
            }
        }
        return lines;
    }

    /** What the last power cut tore off, in words; nothing of it was ever acknowledged. */
    public String recovery() {
        return journal.recovery()
                .tail()
                .map(tail -> "cut at " + tail.file() + ":" + tail.offset() + ", " + tail.reason())
                .orElse("nothing was torn");
    }

    @Override
    public void close() {
        journal.close();
    }

    public static void main(String[] arguments) {
        try (Logbook logbook = new Logbook(Disk.system(), Path.of(arguments[0]))) {
            System.out.println(logbook.recovery());
            List.of(arguments).subList(1, arguments.length).forEach(logbook::write);
            logbook.lines().forEach(System.out::println);
        }
    }
}
