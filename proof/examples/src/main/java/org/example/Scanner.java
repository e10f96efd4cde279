package org.example;

import dev.forebay.blobhttp.HttpContainer;
import dev.forebay.client.BufferChange;
import dev.forebay.client.BufferFilter;
import dev.forebay.client.BufferInfo;
import dev.forebay.client.ForebayClient;
import dev.forebay.client.Permission;
import dev.forebay.stream.BufferReader;
import dev.forebay.stream.BufferWriter;
import dev.forebay.stream.ReadOptions;
import dev.forebay.stream.WriteOptions;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Scans that are streamed to a server while they are taken, and followed by any program. */
public final class Scanner {
    private final ForebayClient client;

    public Scanner(URI server) {
        client = new ForebayClient(server);
    }

    /** Creates the buffer of a scan; returns its ID. */
    public String begin(String patient) {
        return client.create(Map.of("device", "scanner-7", "patient", patient)).id();
    }

    /** Streams a scan; returns its length once the end marker is synced. */
    public long send(String id, ReadableByteChannel signal) {
        try (HttpContainer container = client.buffer(id).container(Permission.WRITE)) {
            return new BufferWriter(container, WriteOptions.defaults()).write(signal).bytes();
        }
    }

    /** Follows a scan to its end, also while it is being sent. */
    public void follow(String id, WritableByteChannel output) {
        try (HttpContainer container = client.buffer(id).container(Permission.READ)) {
            new BufferReader(container, ReadOptions.defaults()).read(output);
        }
    }

    /** Streams a scan from a program that hands out a stream. */
    public long send(String id, InputStream signal) {
        return send(id, Channels.newChannel(signal));
    }

    /**
     * The scan as a stream, also while it is being sent. The end of the stream is the checked end
     * of the scan; a scan that failed or is damaged throws instead.
     */
    public InputStream open(String id) throws IOException {
        Pipe pipe = Pipe.open();
        CompletableFuture<Void> outcome = new CompletableFuture<>();
        Thread.startVirtualThread(() -> {
            try (Pipe.SinkChannel sink = pipe.sink()) {
                follow(id, sink);
                outcome.complete(null);
            } catch (Throwable e) {
                outcome.completeExceptionally(e);
            }
        });
        return new FilterInputStream(Channels.newInputStream(pipe.source())) {
            @Override
            public int read() throws IOException {
                return checked(super.read());
            }

            @Override
            public int read(byte[] target, int from, int length) throws IOException {
                return checked(super.read(target, from, length));
            }

            /** The pipe ends for any reason; the follower says which. */
            private int checked(int read) throws IOException {
                if (read < 0) {
                    try {
                        outcome.join();
                    } catch (CompletionException e) {
                        throw new IOException(
                                "the scan " + id + " was not read whole", e.getCause());
                    }
                }
                return read;
            }
        };
    }

    /** Says in its tags that a scan is done, beside what they say already. */
    public void finish(String id) {
        BufferInfo before = client.buffer(id).info();
        Map<String, String> tags = new TreeMap<>(before.tags());
        tags.put("state", "done");
        client.buffer(id).change(BufferChange.toTags(tags).ifVersion(before.eTag()));
    }

    /** A URL that another program can read the scan by for 1 h, without a login. */
    public String share(String id) {
        return client.buffer(id).access(Permission.READ).secret();
    }

    /** The newest scans of a patient. */
    public List<BufferInfo> scansOf(String patient) {
        return client.list(BufferFilter.ALL.withTag("patient", patient), 100);
    }
}
