package dev.forebay.cli;

import dev.forebay.base.Reason;
import dev.forebay.base.Worker;
import dev.forebay.bddf.BddfException;
import dev.forebay.datalog.DataLog;
import dev.forebay.datalog.Download;
import dev.forebay.datalog.DownloadFilter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.nio.channels.ReadableByteChannel;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Gives a part of a log as a BDDF file, wherever the log is. For one thread. */
final class LogSource {
    private final LogPlace place;

    LogSource(LogPlace place) {
        this.place = place;
    }

    /** Takes a BDDF file as it comes. */
    interface Reader<R> {
        R read(ReadableByteChannel bddf) throws IOException;
    }

    /** Gives the entries that fit to {@code reader} as a BDDF file; empty if none fits. */
    <R> Optional<R> read(DownloadFilter filter, Reader<R> reader) throws IOException {
        if (!place.isDirectory()) {
            Optional<InputStream> body = place.client().download(LogSelection.query(filter));
            if (body.isEmpty()) {
                return Optional.empty();
            }
            try (ReadableByteChannel bddf = Channels.newChannel(body.get())) {
                return Optional.of(reader.read(bddf));
            }
        }
        try (DataLog log = place.open()) {
            Download download = log.download(filter);
            return download.emptyPayloads() == 0 && download.isEmpty()
                    ? Optional.empty()
                    : Optional.of(piped(download, reader));
        }
    }

    /**
     * The log writes in a thread of its own, as fast as the reader reads. The reader's end of the
     * pipe is closed before that thread is awaited, so it never waits for a reader that has gone.
     */
    private static <R> R piped(Download download, Reader<R> reader) throws IOException {
        Pipe pipe = Pipe.open();
        AtomicReference<@Nullable Throwable> fault = new AtomicReference<>();
        Worker writer =
                Worker.platform(
                        "forebay-log-download",
                        () -> {
                            try (Pipe.SinkChannel sink = pipe.sink()) {
                                download.writeTo(sink);
                            }
                        },
                        fault::set);
        R read;
        try (Pipe.SourceChannel source = pipe.source()) {
            read = reader.read(source);
        } catch (BddfException e) {
            writer.join();
            demandWhole(fault.get()); // What the log could not give is why the file is cut.
            throw e;
        } finally {
            writer.join();
        }
        demandWhole(fault.get());
        return read;
    }

    private static void demandWhole(@Nullable Throwable fault) throws IOException {
        if (fault != null) {
            throw new IOException("the log could not be read: " + Reason.of(fault), fault);
        }
    }
}
