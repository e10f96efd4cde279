package dev.forebay.bench.streams;

import dev.forebay.base.Durability;
import dev.forebay.bench.Figure;
import dev.forebay.bench.Run;
import dev.forebay.bench.Suite;
import dev.forebay.bench.Unit;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.blobhttp.AccessUrl;
import dev.forebay.blobhttp.AccessUrlSource;
import dev.forebay.blobhttp.HttpContainer;
import dev.forebay.blobhttp.HttpTimeouts;
import dev.forebay.stream.BufferReader;
import dev.forebay.stream.BufferWriter;
import dev.forebay.stream.ReadOptions;
import dev.forebay.stream.ReadResult;
import dev.forebay.stream.WriteOptions;
import dev.forebay.stream.WriteResult;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A gibibyte through a network that spoils requests of each kind one time in twenty. What comes out
 * must be what went in, and the results must count what was tried again, by class.
 *
 * <p>Of the connections that were hung up, one that was used before is replaced by the transport,
 * which counts no retry; and a reader counts nothing that it asked for beyond the end.
 */
final class FaultsRow implements Suite.Row {
    private static final long SEED = 20;
    private static final Duration PROGRESS = Duration.ofSeconds(2);

    @Override
    public void measure(Run run) throws Exception {
        long bytes = run.scale().of(1024, 128, 8) * (1L << 20);
        Path data = run.fresh("data");
        AtomicLong urls = new AtomicLong();
        try (ServerProcess server = ServerProcess.start(run.forebay(), data);
                HttpClient http = HttpClient.newHttpClient();
                FaultyProxy proxy =
                        FaultyProxy.start(server.uri(), SEED, PROGRESS.multipliedBy(3))) {
            URI target = RawBuffer.create(http, server.uri()).access();
            HttpTimeouts timeouts =
                    new HttpTimeouts(Duration.ofSeconds(10), Duration.ofSeconds(60), PROGRESS);
            AccessUrlSource source =
                    AccessUrlSource.asking(() ->
                            new AccessUrl(proxy.through(target) + "&n=" + urls.incrementAndGet()));
            try (HttpContainer container = new HttpContainer(source, timeouts, Durability.SYNCED)) {
                MessageDigest in = MessageDigest.getInstance("SHA-256");
                MessageDigest out = MessageDigest.getInstance("SHA-256");
                InputStream input = new DigestInputStream(new RandomBytes(bytes), in);
                WriteResult written =
                        new BufferWriter(container, WriteOptions.defaults())
                                .write(Channels.newChannel(input));
                OutputStream output = new DigestOutputStream(OutputStream.nullOutputStream(), out);
                ReadResult read =
                        new BufferReader(container, ReadOptions.defaults())
                                .read(Channels.newChannel(output));
                if (read.bytes() != bytes || !Arrays.equals(in.digest(), out.digest())) {
                    throw new IOException(
                            "expected the %d bytes that were written, found %d others"
                                    .formatted(bytes, read.bytes()));
                }
                report(run, proxy, written, read, urls.get() - 1);
            }
        }
        Run.delete(data);
    }

    private static void report(
            Run run, FaultyProxy proxy, WriteResult written, ReadResult read, long renewals)
            throws IOException {
        long unavailable =
                proxy.injected(FaultyProxy.Kind.HUNG_UP)
                        + proxy.injected(FaultyProxy.Kind.STATUS_500)
                        + proxy.injected(FaultyProxy.Kind.STATUS_503);
        counted(run, "hung up, 500 or 503", unavailable, of(Fault.UNAVAILABLE, written, read));
        counted(
                run,
                "429",
                proxy.injected(FaultyProxy.Kind.STATUS_429),
                of(Fault.THROTTLED, written, read));
        counted(
                run,
                "a body cut",
                proxy.injected(FaultyProxy.Kind.CUT_BODY),
                of(Fault.BROKEN_BODY, written, read));
        counted(
                run,
                "a body too slow",
                proxy.injected(FaultyProxy.Kind.SLOW_BODY),
                of(Fault.TIMED_OUT, written, read));
        counted(
                run,
                "a wrong digest",
                proxy.injected(FaultyProxy.Kind.WRONG_DIGEST),
                written.retries().wrongDigest() + read.retries().wrongDigest());
        counted(
                run,
                "an access URL expired",
                proxy.injected(FaultyProxy.Kind.EXPIRED_URL),
                renewals);
    }

    private static long of(Fault fault, WriteResult written, ReadResult read) {
        Map<Fault, Long> writing = written.retries().byFault();
        Map<Fault, Long> reading = read.retries().byFault();
        return writing.getOrDefault(fault, 0L) + reading.getOrDefault(fault, 0L);
    }

    private static void counted(Run run, String what, long injected, long counted)
            throws IOException {
        if (counted > injected || injected > 0 && counted == 0) {
            throw new IOException(
                    "%s: expected 1 to %d retries, the results count %d"
                            .formatted(what, injected, counted));
        }
        Figure all =
                run.report(
                        Figure.yardstick(what + ": injected", "–", (double) injected, Unit.COUNT));
        run.report(
                Figure.ours(what + ": tried again", "–", (double) counted, Unit.COUNT).beside(all));
    }

    /** Bytes that no block shares with another. */
    private static final class RandomBytes extends InputStream {
        private final Random random = new Random(SEED);
        private long left;

        RandomBytes(long length) {
            left = length;
        }

        @Override
        public int read() {
            return left-- > 0 ? random.nextInt(256) : -1;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            if (left <= 0) {
                return -1;
            }
            int count = (int) Math.min(left, Math.min(length, 1 << 16));
            byte[] piece = new byte[count];
            random.nextBytes(piece);
            System.arraycopy(piece, 0, target, offset, count);
            left -= count;
            return count;
        }
    }
}
