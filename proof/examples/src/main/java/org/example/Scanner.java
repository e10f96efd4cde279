package org.example;

import dev.forebay.blobhttp.HttpContainer;
import dev.forebay.client.BufferFilter;
import dev.forebay.client.BufferInfo;
import dev.forebay.client.ForebayClient;
import dev.forebay.client.Permission;
import dev.forebay.stream.BufferReader;
import dev.forebay.stream.BufferWriter;
import dev.forebay.stream.ReadOptions;
import dev.forebay.stream.WriteOptions;
import java.net.URI;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import java.util.Map;

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

    /** A URL that another program can read the scan by for 1 h, without a login. */
    public String share(String id) {
        return client.buffer(id).access(Permission.READ).secret();
    }

    /** The newest scans of a patient. */
    public List<BufferInfo> scansOf(String patient) {
        return client.list(BufferFilter.ALL.withTag("patient", patient), 100);
    }
}
