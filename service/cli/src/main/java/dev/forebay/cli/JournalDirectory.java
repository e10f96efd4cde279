package dev.forebay.cli;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.journal.JournalTool;
import dev.forebay.journal.Recovery;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Parameters;

/** The journal that a command is about, and how its state is put in JSON. */
final class JournalDirectory {
    @Parameters(paramLabel = "DIR", description = "The journal's directory.")
    private Path directory;

    /**
     * The tool on it. A directory that holds no journal is refused by its methods and never made
     * into one.
     *
     * @throws IOException if it is a file
     */
    JournalTool tool() throws IOException {
        if (Files.isRegularFile(directory)) {
            throw new IOException(
                    "there is no journal in "
                            + directory
                            + ": it is a file; name the directory that holds the segments");
        }
        return new JournalTool(Disk.system(), Clock.system(), directory);
    }

    /** What an opening finds, or found. */
    static Map<String, Object> json(Recovery recovery) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("first", recovery.first());
        json.put("next", recovery.next());
        json.put("scannedBytes", recovery.scannedBytes());
        recovery.tail()
                .ifPresent(tail -> {
                    Map<String, Object> torn = new LinkedHashMap<>();
                    torn.put("sequence", tail.sequence());
                    torn.put("file", tail.file().toString());
                    torn.put("offset", tail.offset());
                    torn.put("framesBeyond", tail.framesBeyond());
                    torn.put("reason", tail.reason());
                    json.put("tornEnd", torn);
                });
        json.put("damage", recovery.damage().stream().map(JournalDirectory::json).toList());
        return json;
    }

    private static Map<String, Object> json(Recovery.Damage damage) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("sequence", damage.sequence());
        json.put("count", damage.count());
        json.put("file", damage.file().toString());
        json.put("offset", damage.offset());
        json.put("bytes", damage.bytes());
        json.put("reason", damage.reason());
        return json;
    }

    /** Says what is wrong, if anything is, and how to mend it. */
    String complaint(List<Recovery.Damage> damage) {
        long missing = damage.stream().mapToLong(Recovery.Damage::count).sum();
        return "%d frames that were synced cannot be read, in %d places; 'forebay journal repair %s' sets the damage aside and keeps the rest"
                .formatted(missing, damage.size(), directory);
    }
}
