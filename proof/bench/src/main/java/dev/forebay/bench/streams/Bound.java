package dev.forebay.bench.streams;

import dev.forebay.blob.BodyDigest;
import dev.forebay.blob.Md5;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What a transfer cannot do without, each part measured alone by the processor time of its thread,
 * in CPU seconds a GiB: the digest in full lanes (or the JDK's where there are none), and the calls
 * that copy, with pieces of 256 KiB.
 *
 * @param digest MD5 of sixteen bodies side by side
 * @param reading a file out of the page cache
 * @param writing a file and syncing it
 * @param sending through a loopback socket
 * @param receiving at its other end, into the memory of sixteen blocks
 */
record Bound(double digest, double reading, double writing, double sending, double receiving) {
    private static final int PIECE = 256 << 10;
    private static final int BODIES = 16;
    private static final int PIECES = 16;
    private static final long SIZE = 256L << 20;
    private static final int ROUNDS = 12;

    /** One that moves a quarter GiB of {@code source}, or all of a smaller one, to {@code copy}. */
    static Bound measure(Path source, Path copy) throws Exception {
        List<ByteBuffer> memory = new ArrayList<>();
        for (int i = 0; i < BODIES * PIECES; i++) {
            memory.add(ByteBuffer.allocateDirect(PIECE));
        }
        double reading = 0;
        double writing = 0;
        long size = Math.min(SIZE, Files.size(source));
        try (FileChannel from = FileChannel.open(source);
                FileChannel to =
                        FileChannel.open(
                                copy, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            double begin = cpu();
            pass(size, memory, from::read);
            reading = cpu() - begin;
            begin = cpu();
            pass(size, memory, piece -> to.write(piece));
            to.force(false);
            writing = cpu() - begin;
        }
        Files.delete(copy);
        double perGib = (double) (1 << 30) / size;
        double[] sent = sockets(size, memory);
        return new Bound(
                digest(memory),
                reading * perGib,
                writing * perGib,
                sent[0] * perGib,
                sent[1] * perGib);
    }

    double writingClient() {
        return reading + digest + sending;
    }

    double takingServer() {
        return receiving + digest + writing;
    }

    /** What is read is dropped here, so writing it costs nothing. */
    double readingClient() {
        return receiving + digest;
    }

    double givingServer() {
        return reading + sending;
    }

    private interface Move {
        int move(ByteBuffer piece) throws IOException;
    }

    private static void pass(long size, List<ByteBuffer> memory, Move move) throws IOException {
        int next = 0;
        for (long moved = 0; moved < size; ) {
            ByteBuffer piece = memory.get(next++ % memory.size()).clear();
            piece.limit((int) Math.min(piece.capacity(), size - moved));
            while (piece.hasRemaining()) {
                int count = move.move(piece);
                if (count < 0) {
                    throw new IOException(
                            "expected %d bytes, found the end after %d".formatted(size, moved));
                }
                moved += count;
            }
        }
    }

    private static double[] sockets(long size, List<ByteBuffer> memory) throws Exception {
        try (ServerSocketChannel listener = ServerSocketChannel.open();
                ExecutorService other = Executors.newSingleThreadExecutor()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            Future<Double> received =
                    other.submit(() -> {
                        try (SocketChannel in = listener.accept()) {
                            double begin = cpu();
                            pass(size, memory, in::read);
                            return cpu() - begin;
                        }
                    });
            double sent;
            try (SocketChannel out = SocketChannel.open(listener.getLocalAddress())) {
                // Its own memory: nothing that arrives may change what is sent.
                List<ByteBuffer> own = new ArrayList<>();
                for (int i = 0; i < PIECES; i++) {
                    own.add(ByteBuffer.allocateDirect(PIECE));
                }
                double begin = cpu();
                pass(size, own, out::write);
                sent = cpu() - begin;
            }
            return new double[] {sent, received.get()};
        }
    }

    /** The best of some rounds: the first ones are the JDK's, until the lanes are ready. */
    private static double digest(List<ByteBuffer> memory) throws IOException {
        BodyDigest.expect(Long.MAX_VALUE);
        Md5 expected = Md5.of(body(memory, BODIES - 1));
        double best = Double.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            double begin = cpu();
            Md5 last = Md5.OF_NOTHING;
            for (int pass = 0; pass < 4; pass++) {
                last = digestOfAll(memory);
            }
            best = Math.min(best, (cpu() - begin) / 4 * (1 << 30) / (BODIES * PIECES * PIECE));
            if (!last.equals(expected)) {
                throw new IOException("expected the digest %s, found %s".formatted(expected, last));
            }
        }
        return best;
    }

    private static Md5 digestOfAll(List<ByteBuffer> memory) {
        List<BodyDigest> digests = new ArrayList<>();
        for (int i = 0; i < BODIES; i++) {
            BodyDigest digest = BodyDigest.begin();
            body(memory, i).forEach(digest::add);
            digests.add(digest);
        }
        return digests.stream().map(BodyDigest::finish).toList().getLast();
    }

    private static List<ByteBuffer> body(List<ByteBuffer> memory, int number) {
        List<ByteBuffer> pieces = memory.subList(number * PIECES, (number + 1) * PIECES);
        pieces.forEach(ByteBuffer::clear);
        return pieces;
    }

    /** Of the calling thread so far, in seconds. */
    static double cpu() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        return threads.getCurrentThreadCpuTime() / 1e9;
    }
}
