package dev.forebay.server;

import dev.forebay.datalog.DataLog;
import dev.forebay.datalog.Download;
import dev.forebay.datalog.DownloadFilter;
import dev.forebay.datalog.SeriesKey;
import dev.forebay.spot.CaptureFile;
import dev.forebay.wire.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * What data acquisition stored, as a ZIP: each capture, object and piece of metadata is a file, and
 * the last file, {@code manifest.json}, has counts and a SHA-256 of each. A ZIP without it is not
 * whole.
 *
 * <p><b>Limit.</b> A large capture is a file for each of its pieces. The published interface
 * defines no layout of an object, so its file holds what the log holds. Memory of about 300 bytes a
 * file, and of one capture.
 */
final class LogCaptures {
    private static final String OBJECT = "bosdyn.api.DataAcquisitionObject";
    private static final String METADATA = "bosdyn.api.AssociatedMetadata";
    private static final int LONGEST_NAME = 160;
    private static final int PIECE = 1 << 16;

    private LogCaptures() {}

    /** Answers a request; a span is not demanded, and may be of any length. */
    static void send(Exchange exchange, DataLog log, LogParameters parameters) throws IOException {
        Download download =
                log.download(
                        new DownloadFilter(
                                parameters.range(),
                                Set.of(CaptureFile.TYPE, OBJECT, METADATA),
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
            CaptureFile file = file(key, payload);
            String name = name(file.name(), files.size());
            MessageDigest digest = sha256();
            zip.putNextEntry(new ZipEntry(name));
            write(zip, file.data().duplicate(), digest);
            zip.closeEntry();
            files.add(row(name, key, nanos, file.data().remaining(), digest));
        });
        manifest.put("captures", count(files, CaptureFile.TYPE));
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

    /** What a blob is as a file: of a capture what it holds, of anything else its bytes. */
    private static CaptureFile file(SeriesKey key, ByteBuffer payload) {
        return (key.type().equals(CaptureFile.TYPE)
                        ? CaptureFile.of(payload)
                        : Optional.<CaptureFile>empty())
                .orElseGet(() ->
                        new CaptureFile(
                                key.channel()
                                        + (key.type().equals(METADATA) ? ".metadata.pb" : ".bin"),
                                payload.asReadOnlyBuffer()));
    }

    private static void write(ZipOutputStream zip, ByteBuffer data, MessageDigest digest)
            throws IOException {
        byte[] piece = new byte[Math.min(PIECE, data.remaining())];
        while (data.hasRemaining()) {
            int length = Math.min(piece.length, data.remaining());
            data.get(piece, 0, length);
            digest.update(piece, 0, length);
            zip.write(piece, 0, length);
        }
    }

    /** A name without folders, so that none leads out of where the ZIP is unpacked. */
    private static String name(String given, int number) {
        String plain = given.replaceAll("[^A-Za-z0-9._-]", "_");
        int surplus = Math.max(0, plain.length() - LONGEST_NAME);
        // Cut in the front: the form is at the end.
        return "%06d-%s".formatted(number, plain.substring(surplus));
    }

    private static Map<String, Object> row(
            String name, SeriesKey key, long nanos, int bytes, MessageDigest digest) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("name", name);
        row.put("channel", key.channel());
        row.put("type", key.type());
        row.put("time_ns", nanos);
        row.put("bytes", bytes);
        row.put("sha256", HexFormat.of().formatHex(digest.digest()));
        return row;
    }

    private static long count(List<Map<String, Object>> files, String type) {
        return files.stream().filter(row -> type.equals(row.get("type"))).count();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
