package dev.forebay.bench.datalog;

import dev.forebay.base.Durability;
import dev.forebay.bddf.BddfStream;
import dev.forebay.bddf.Block;
import dev.forebay.bench.Figure;
import dev.forebay.bench.Medians;
import dev.forebay.bench.Run;
import dev.forebay.bench.Suite;
import dev.forebay.bench.Unit;
import dev.forebay.datalog.DataLog;
import dev.forebay.datalog.DataLogSettings;
import dev.forebay.datalog.Entry;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * Downloads of a whole log from a server. The client counts bytes and drops them; a first download,
 * which is not timed, is read block by block, and its checksum compared.
 */
final class DownloadRow implements Suite.Row {
    private static final int BLOB = 64 << 10;
    private static final double GOAL = 500e6;
    private static final double MEMORY_GOAL = 1024;

    @Override
    public void measure(Run run) throws Exception {
        int blobs = run.scale().of(16_384, 4_096, 64);
        int rounds = run.scale().of(3, 1, 1);
        Path data = Files.createDirectory(run.fresh("download"));
        fill(data.resolve("log"), blobs);
        try (LogServer server = LogServer.start(run, data);
                LogCalls client = server.calls()) {
            verify(server.uri(), client.token(), blobs);
            long before = server.cpu().toMillis();
            double plain = rate(server, client, blobs, rounds, server.uri());
            long worked = server.cpu().toMillis() - before;
            run.note(
                    String.format(
                            Locale.ROOT,
                            "downloads of %d MiB: the server worked %.2f s for each GiB",
                            (long) blobs * BLOB >> 20,
                            worked / 1e3 / rounds / blobs / BLOB * (1 << 30)));
            run.report(
                    Figure.ours("download of a log, HTTP", "–", plain, Unit.BYTES_PER_SECOND)
                            .goal(GOAL));
            run.report(
                    Figure.ours(
                            "download of a log, HTTPS",
                            "–",
                            rate(server, client, blobs, rounds, server.tls()),
                            Unit.BYTES_PER_SECOND));
            run.report(
                    Figure.ours(
                                    "the server's memory at most, %d MiB a download"
                                            .formatted((long) blobs * BLOB >> 20),
                                    "–",
                                    (double) server.mostResidentMiB(),
                                    Unit.MEBIBYTES)
                            .goal(MEMORY_GOAL));
        }
        Run.delete(data);
    }

    private static void fill(Path folder, int blobs) {
        Payloads payloads = new Payloads(BLOB);
        try (DataLog log = DataLog.open(folder, DataLogSettings.defaults())) {
            for (int i = 0; i < blobs; i++) {
                Entry blob =
                        new Entry.Blob(
                                OptionalLong.of(i),
                                "bench",
                                "application/octet-stream",
                                "",
                                payloads.get(i));
                log.record(List.of(blob), Durability.WRITTEN);
            }
        }
    }

    private static void verify(URI server, String token, int blobs) throws IOException {
        HttpURLConnection download =
                (HttpURLConnection)
                        server.resolve("/log/v1/download?channel=bench").toURL().openConnection();
        download.setRequestProperty("Authorization", "Bearer " + token);
        Payloads payloads = new Payloads(BLOB);
        try (InputStream in = download.getInputStream()) {
            BddfStream stream = new BddfStream(Channels.newChannel(in));
            int i = 0;
            for (Block block = stream.next(); block != null; block = stream.next()) {
                payloads.check(i++, block.payload());
            }
            if (i != blobs) {
                throw new IllegalStateException("expected %d, found %d".formatted(blobs, i));
            }
        }
    }

    private static double rate(
            LogServer server, LogCalls client, int blobs, int rounds, URI listener)
            throws IOException {
        List<Double> rates = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            long begin = System.nanoTime();
            long bytes = drain(server, client, listener);
            if (bytes < (long) blobs * BLOB) {
                throw new IOException("the download ended after %d bytes".formatted(bytes));
            }
            rates.add(bytes * 1e9 / (System.nanoTime() - begin));
        }
        return Medians.of(rates);
    }

    /** How many bytes a download has, with what HTTP puts around them. */
    private static long drain(LogServer server, LogCalls client, URI listener) throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        boolean tls = listener.getScheme().equals("https");
        try (Socket socket =
                tls
                        ? server.trust().sockets().createSocket(loopback, listener.getPort())
                        : new Socket(loopback, listener.getPort())) {
            socket.getOutputStream()
                    .write(
                            """
                            GET /log/v1/download?channel=bench HTTP/1.1\r
                            Host: 127.0.0.1:%d\r
                            Authorization: Bearer %s\r
                            Connection: close\r
                            \r
                            """
                                    .formatted(listener.getPort(), client.token())
                                    .getBytes(StandardCharsets.US_ASCII));
            ByteBuffer buffer = ByteBuffer.allocate(256 << 10);
            long bytes = 0;
            InputStream in = socket.getInputStream();
            for (int count = in.read(buffer.array()); count >= 0; count = in.read(buffer.array())) {
                bytes += count;
            }
            return bytes;
        }
    }
}
