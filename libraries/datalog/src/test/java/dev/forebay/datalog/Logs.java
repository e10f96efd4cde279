package dev.forebay.datalog;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.Trigger;
import dev.forebay.bddf.BddfStream;
import dev.forebay.bddf.Block;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** Logs of tests, and what is in them. */
final class Logs {
    static final Path FOLDER = Path.of("/log");
    static final long SECOND = 1_000_000_000L;

    /** Pages of 2000 bytes of payloads or a minute, 1 MiB of them. */
    static final DataLogSettings SMALL =
            DataLogSettings.defaults()
                    .withAllowance(ByteSize.ofMiB(1))
                    .withPage(
                            Trigger.anyOf(Trigger.bytes(2000), Trigger.age(Duration.ofMinutes(1))));

    private Logs() {}

    static DataLog open(Disk disk) {
        return open(disk, Clock.system());
    }

    static DataLog open(Disk disk, Clock clock) {
        return DataLog.open(disk, clock, FOLDER, SMALL);
    }

    static EventQuery everything() {
        return new EventQuery(
                TimeRange.ALL,
                List.of(EventQuery.EventSpec.ANY),
                true,
                EventQuery.MOST,
                EventQuery.MOST);
    }

    static EventQuery events(TimeRange range, OptionalInt level, int most) {
        return new EventQuery(
                range, List.of(new EventQuery.EventSpec("", "", level, false)), false, most, most);
    }

    /** The ids of the events that fit. */
    static List<String> ids(DataLog log, EventQuery query) {
        return Messages.texts(log.events(query).events(), 4);
    }

    static List<String> comments(DataLog log) {
        return Messages.texts(log.events(everything()).comments(), 1);
    }

    /** All blocks of a download. */
    static List<Block> blocks(DataLog log, DownloadFilter filter) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        log.download(filter).writeTo(Channels.newChannel(file));
        return blocks(file.toByteArray());
    }

    static List<Block> blocks(byte[] file) throws IOException {
        BddfStream stream = new BddfStream(Channels.newChannel(new ByteArrayInputStream(file)));
        List<Block> blocks = new ArrayList<>();
        for (Block block = stream.next(); block != null; block = stream.next()) {
            blocks.add(block);
        }
        return blocks;
    }

    /** The payloads of all blobs, in their order. */
    static List<String> blobs(DataLog log) throws IOException {
        return blocks(log, DownloadFilter.all(TimeRange.ALL)).stream()
                .filter(block ->
                        "test.Blob"
                                .equals(
                                        block.series()
                                                .identifier()
                                                .spec()
                                                .get("bosdyn:message-type")))
                .map(block -> Messages.string(block.payload()))
                .toList();
    }
}
