package dev.forebay.server;

import dev.forebay.datalog.DataLog;
import dev.forebay.datalog.Download;
import dev.forebay.datalog.DownloadFilter;
import dev.forebay.datalog.SeriesKey;
import dev.forebay.wire.Json;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * What data acquisition stored, as a ZIP: each object and each piece of metadata is a file, and the
 * last file, {@code manifest.json}, has counts and a SHA-256 of each. A ZIP without it is not
 * whole.
 *
 * <p><b>Limit.</b> The published interface defines no layout of an object, so files hold what the
 * log holds, undecoded. Memory of about 300 bytes a file.
 */
final class LogCaptures {
    private static final String OBJECT = "bosdyn.api.DataAcquisitionObject";
    private static final String METADATA = "bosdyn.api.AssociatedMetadata";
    private static final int LONGEST_NAME = 100;

    private LogCaptures() {}

    /** Answers a request; a span is not demanded, and may be of any length. */
    static void send(Exchange exchange, DataLog log, LogParameters parameters) throws IOException {
        Download download =
                log.download(
                        new DownloadFilter(
                                parameters.range(),
                                Set.of(OBJECT, METADATA),
                                parameters.all("channel"),
                                Set.of(),
                                Set.of(),
                                OptionalInt.empty(),
                                Set.of()));
        if (download.isEmpty()) {
            exchange.send(204);
            return;
        }
        LogFace.stream(
                exchange, "application/zip", "daq-data.zip", target -> write(download, target));
    }

    private static void write(Download download, WritableByteChannel target) throws IOException {
        List<Map<String, Object>> files = new ArrayList<>();
        Map<String, Object> manifest = new LinkedHashMap<>();
        // Not closed when a write fails: that would write again to a client that has gone.
        ZipOutputStream zip = new ZipOutputStream(Channels.newOutputStream(target));
        zip.setLevel(0); // Images and the like are compressed already.
        download.entries((key, nanos, payload) -> {
            byte[] bytes = new byte[payload.remaining()];
            payload.duplicate().get(bytes);
            String name = name(key, files.size());
            zip.putNextEntry(new ZipEntry(name));
            zip.write(bytes);
            zip.closeEntry();
            files.add(row(name, key, nanos, bytes));
        });
        manifest.put("objects", count(files, OBJECT));
        manifest.put("metadata", count(files, METADATA));
        manifest.put("withoutPayload", download.emptyPayloads());
        manifest.put("files", files);
        zip.putNextEntry(new ZipEntry("manifest.json"));
        zip.write(Json.write(manifest));
        zip.closeEntry();
        zip.finish();
        zip.flush();
    }

    /** A name without folders, so that no channel leads out of where the ZIP is unpacked. */
    private static String name(SeriesKey key, int number) {
        String plain = key.channel().replaceAll("[^A-Za-z0-9._-]", "_");
        return "%06d-%s%s"
                .formatted(
                        number,
                        plain.substring(0, Math.min(plain.length(), LONGEST_NAME)),
                        key.type().equals(METADATA) ? ".metadata.pb" : ".bin");
    }

    private static Map<String, Object> row(String name, SeriesKey key, long nanos, byte[] bytes) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("name", name);
        row.put("channel", key.channel());
        row.put("type", key.type());
        row.put("time_ns", nanos);
        row.put("bytes", bytes.length);
        row.put("sha256", sha256(bytes));
        return row;
    }

    private static long count(List<Map<String, Object>> files, String type) {
        return files.stream().filter(row -> type.equals(row.get("type"))).count();
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
