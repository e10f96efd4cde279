package dev.forebay.bench.streams;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.forebay.bench.Figure;
import dev.forebay.bench.Run;
import dev.forebay.bench.Suite;
import dev.forebay.bench.Unit;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A fresh {@code buffer write} to a store that takes each body at once and answers 100 ms later,
 * with 16 blocks of 1 MiB in flight. The yardstick is window by latency: what no writer can exceed.
 */
final class SlowStoreRow implements Suite.Row {
    private static final Duration LATENCY = Duration.ofMillis(100);
    private static final int WINDOW = 16;
    private static final int BLOCK = 1 << 20;
    private static final double SHARE = 0.9;

    private final AtomicLong taken = new AtomicLong();

    @Override
    public void measure(Run run) throws Exception {
        long blocks = run.scale().of(2048, 512, 16);
        Path source = run.fresh("source");
        Commands commands = new Commands(Map.of());
        commands.run("head -c %d /dev/zero > '%s'".formatted(blocks * BLOCK, source));
        HttpServer store =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 128);
        double rate;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            store.setExecutor(threads);
            store.createContext("/", this::take);
            store.start();
            String url =
                    "http://127.0.0.1:%d/containers/slow?sig=none"
                            .formatted(store.getAddress().getPort());
            Duration wall =
                    commands.time(
                            "'%s' buffer write '%s' -b 1MiB -p %d -i '%s'"
                                    .formatted(run.forebay(), url, WINDOW, source));
            rate = blocks * BLOCK * 1e9 / wall.toNanos();
        } finally {
            store.stop(0);
            Run.delete(source);
        }
        if (taken.get() < blocks * BLOCK) {
            throw new IOException(
                    "expected at least %d bytes at the store, found %d"
                            .formatted(blocks * BLOCK, taken.get()));
        }
        double bound = WINDOW * BLOCK * 1e9 / LATENCY.toNanos();
        Figure window =
                run.report(
                        Figure.yardstick(
                                "16 blocks of 1 MiB every 100 ms",
                                "–",
                                bound,
                                Unit.BYTES_PER_SECOND));
        run.report(
                Figure.ours(
                                "`forebay buffer write` to a store that answers after 100 ms",
                                "SYNCED",
                                rate,
                                Unit.BYTES_PER_SECOND)
                        .beside(window)
                        .goal(SHARE * bound));
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (!exchange.getRequestMethod().equals("PUT")) {
                exchange.sendResponseHeaders(404, -1); // It holds nothing.
                return;
            }
            taken.addAndGet(exchange.getRequestBody().transferTo(OutputStream.nullOutputStream()));
            Thread.sleep(LATENCY);
            exchange.getResponseHeaders().set("Forebay-Durability", "synced");
            exchange.sendResponseHeaders(201, -1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the store is stopped", e);
        }
    }
}
