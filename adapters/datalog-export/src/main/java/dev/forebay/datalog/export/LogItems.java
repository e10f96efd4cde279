package dev.forebay.datalog.export;

import dev.forebay.bddf.BddfStream;
import dev.forebay.bddf.Block;
import dev.forebay.bddf.SeriesDescriptor;
import dev.forebay.bddf.SeriesType;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file and gives its messages and ticks. The columns of a signal, which a download has as
 * series of their own, are put together again. For use by one thread.
 */
final class LogItems {
    /** The annotation with the number of entries whose payload is empty. */
    private static final String EMPTY_PAYLOADS = "forebay:empty-payloads";

    private static final String CHANNEL = "bosdyn:channel";

    /** The service of calls, which have no channel. */
    private static final String SERVICE = "bosdyn:grpc:service";

    private final BddfStream file;
    private final SignalAssembly signals = new SignalAssembly();

    /** How many series of the file the signals know. */
    private int described;

    private final Map<Integer, String> channels = new HashMap<>();
    private long messages;
    private long ticks;
    private long undecoded;

    LogItems(ReadableByteChannel bddf) throws IOException {
        file = new BddfStream(bddf);
    }

    ExportReport writeTo(ItemSink sink) throws IOException {
        for (Block block = file.next(); block != null; block = file.next()) {
            if (block.series().index() >= described) {
                describe();
            }
            SeriesDescriptor series = block.series();
            switch (series.type()) {
                case SeriesType.Message type -> message(block, type, sink);
                case SeriesType.Numbers type -> {
                    Optional<SignalAssembly.Complete> whole = signals.add(block, type);
                    if (whole.isPresent()) {
                        ticks += whole.get().ticks().count();
                        sink.ticks(whole.get().signal(), whole.get().ticks());
                    }
                }
                case SeriesType.Struct _ ->
                        throw new ExportException(
                                "block at %d is of series %d, which is a struct and has no blocks"
                                        .formatted(block.offset(), series.index()));
            }
        }
        signals.checkComplete();
        sink.end();
        return new ExportReport(messages, ticks, signals.count(), undecoded, leftOut());
    }

    private long leftOut() {
        String said = file.file().annotations().getOrDefault(EMPTY_PAYLOADS, "0");
        return said.matches("[0-9]{1,18}") ? Long.parseLong(said) : 0;
    }

    /** Looks at the series that were described since the last call. */
    private void describe() {
        List<SeriesDescriptor> all = file.series();
        all.subList(described, all.size()).forEach(signals::describe);
        described = all.size();
    }

    private void message(Block block, SeriesType.Message type, ItemSink sink) throws IOException {
        messages++;
        LogMessage message =
                new LogMessage(
                        block.series().index(),
                        channels.computeIfAbsent(
                                block.series().index(), _ -> channel(block.series())),
                        type.typeName(),
                        type.contentType(),
                        block.nanos(),
                        block.payload());
        Optional<Map<String, @Nullable Object>> decoded =
                KnownMessages.decode(type.typeName(), block.payload());
        if (decoded.isEmpty() && KnownMessages.knows(type.typeName())) {
            undecoded++;
        }
        sink.message(message, decoded);
    }

    /** The channel of a series; for one without, all of its name in one text. */
    static String channel(SeriesDescriptor series) {
        Map<String, String> spec = series.identifier().spec();
        String channel = spec.get(CHANNEL);
        String service = spec.get(SERVICE);
        if (channel == null && service != null) {
            return "grpc/" + service;
        }
        return channel != null ? channel : series.identifier().seriesType() + new TreeMap<>(spec);
    }
}
