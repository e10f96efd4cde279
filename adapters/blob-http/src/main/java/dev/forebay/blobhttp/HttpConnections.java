package dev.forebay.blobhttp;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Worker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests by HTTP/1.1, blocking, each on a connection of its own that is used again.
 *
 * <p><b>Guarantee.</b> There is one attempt, but for one case: a connection that was used before
 * and ends before a byte of the answer was closed by the other side while it was idle; then the
 * request goes out once more, on a new connection. A new connection is tried at each address of the
 * host until one takes it. No proxy but the one that was given, and no redirect, cookie or
 * credential of the system is ever used.
 *
 * <p><b>Limit.</b> HTTP/2 is not spoken. An answer that comes before the request is sent is read
 * when the request is sent or cannot be.
 *
 * <p><b>Threads.</b> Calls block and work on the caller's thread, in its buffers. One virtual
 * thread watches the deadlines of all calls, while there are connections; it closes what is late or
 * has been idle for long.
 *
 * <p>Safe for use by many threads.
 */
final class HttpConnections implements AutoCloseable {
    /** Servers close idle connections after 30 s, most of them. */
    private static final long LONGEST_IDLE = TimeUnit.SECONDS.toNanos(15);

    private static final Duration SHORTEST_TICK = Duration.ofMillis(1);
    private static final Duration LONGEST_TICK = Duration.ofMillis(250);

    private final HttpTimeouts timeouts;
    private final Supplier<SSLSocketFactory> tls;
    private final Addresses addresses;
    private final HttpProxy proxy;
    private final long tick;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition over = lock.newCondition();

    /** All connections, in use and idle. */
    @GuardedBy("lock")
    private final Set<HttpConnection> open = new HashSet<>();

    @GuardedBy("lock")
    private final Map<Place, Deque<Idle>> idle = new HashMap<>();

    @GuardedBy("lock")
    private boolean watched;

    @GuardedBy("lock")
    private boolean closed;

    private record Idle(HttpConnection connection, long since) {}

    /** An answer whose head was read. */
    record Answered(AnswerHead head, HttpBody body) {}

    /** With the certificates that {@code tls} trusts, which is asked when it is needed. */
    HttpConnections(HttpTimeouts timeouts, Supplier<SSLSocketFactory> tls) {
        this(timeouts, tls, Addresses::ofSystem, HttpProxy.none());
    }

    /** The same with another way to find the addresses of a host, and a proxy before it. */
    HttpConnections(
            HttpTimeouts timeouts,
            Supplier<SSLSocketFactory> tls,
            Addresses addresses,
            HttpProxy proxy) {
        this.proxy = proxy;
        this.timeouts = timeouts;
        this.tls = tls;
        this.addresses = addresses;
        Duration shortest = timeouts.connect();
        for (Duration each : List.of(timeouts.response(), timeouts.progress())) {
            shortest = each.compareTo(shortest) < 0 ? each : shortest;
        }
        Duration part = shortest.dividedBy(8);
        this.tick =
                part.compareTo(LONGEST_TICK) > 0
                        ? LONGEST_TICK.toNanos()
                        : Math.max(part.toNanos(), SHORTEST_TICK.toNanos());
    }

    /** Sends a request and reads the head of its answer; the caller ends the body. */
    Answered send(HttpCall call) throws IOException {
        Place place = call.place();
        HttpConnection used = takeIdle(place);
        if (used != null) {
            try {
                return exchange(used, call);
            } catch (HttpTimeoutException | MalformedAnswerException e) {
                throw e;
            } catch (IOException e) {
                if (used.hasAnswered() || Thread.currentThread().isInterrupted()) {
                    throw e;
                }
                // It was closed while it was idle: what the other side did not answer, it did not
                // take, or a second attempt meets what the first one did.
                return exchangeAnew(place, call, e);
            }
        }
        return exchange(connected(place), call);
    }

    private Answered exchangeAnew(Place place, HttpCall call, IOException first)
            throws IOException {
        try {
            return exchange(connected(place), call);
        } catch (IOException e) {
            e.addSuppressed(first);
            throw e;
        }
    }

    private Answered exchange(HttpConnection connection, HttpCall call) throws IOException {
        boolean done = false;
        try {
            boolean whole = sent(connection, call);
            AnswerHead head = connection.readHead(call.answerWithin());
            connection.expectPassage(head);
            HttpBody body = HttpBody.of(this, connection, head, call.isHead(), whole);
            done = true;
            return new Answered(head, body);
        } finally {
            if (!done) {
                end(connection);
            }
        }
    }

    /** False if the other side does not take the request, which it may say in an answer. */
    private boolean sent(HttpConnection connection, HttpCall call) throws IOException {
        try {
            connection.send(call, timeouts.response());
            return true;
        } catch (HttpTimeoutException e) {
            throw e;
        } catch (IOException e) {
            if (call.length() == 0 || Thread.currentThread().isInterrupted()) {
                throw e;
            }
            return false; // Reading the answer throws if there is none.
        }
    }

    /** Tries all addresses of the host, in their order, each for its share of the time left. */
    private HttpConnection connected(Place place) throws IOException {
        Optional<HttpProxy.Hop> hop = proxy.to(place);
        if (hop.isEmpty()) {
            return connected(place, null, place.host());
        }
        try {
            return connected(place, hop.get(), hop.get().host());
        } catch (SocketException | HttpConnectTimeoutException e) {
            throw Thread.currentThread().isInterrupted()
                    ? e
                    : ProxyException.unreachable(hop.get(), e);
        }
    }

    private HttpConnection connected(Place place, HttpProxy.@Nullable Hop hop, String host)
            throws IOException {
        long end = System.nanoTime() + timeouts.connect().toNanos();
        List<InetAddress> found = addresses.of(host);
        IOException first = null;
        for (int i = 0; i < found.size(); i++) {
            long now = System.nanoTime();
            try {
                return connected(place, hop, found.get(i), now + (end - now) / (found.size() - i));
            } catch (SocketException | HttpConnectTimeoutException e) {
                if (Thread.currentThread().isInterrupted()) {
                    throw e;
                }
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        throw Objects.requireNonNull(first, "a host that is known has an address");
    }

    private HttpConnection connected(
            Place place, HttpProxy.@Nullable Hop hop, InetAddress address, long end)
            throws IOException {
        HttpConnection connection = HttpConnection.unconnected(place, hop);
        boolean done = false;
        try {
            enlist(connection);
            connection.connect(address, end, timeouts.connect(), tls);
            done = true;
            return connection;
        } finally {
            if (!done) {
                end(connection);
            }
        }
    }

    private void enlist(HttpConnection connection) throws IOException {
        lock.lock();
        try {
            if (closed) {
                throw new IOException("the container is closed");
            }
            open.add(connection);
            if (!watched) {
                watched = true;
                Worker _ = Worker.virtual("forebay-http-deadlines", this::watch, this::unwatched);
            }
        } finally {
            lock.unlock();
        }
    }

    private @Nullable HttpConnection takeIdle(Place place) {
        lock.lock();
        try {
            Deque<Idle> there = idle.get(place);
            Idle last = there == null ? null : there.pollLast();
            return last == null ? null : last.connection();
        } finally {
            lock.unlock();
        }
    }

    /** Takes a connection back whose exchange is over. */
    void give(HttpConnection connection) {
        lock.lock();
        try {
            idle.computeIfAbsent(connection.place(), _ -> new ArrayDeque<>())
                    .addLast(new Idle(connection, System.nanoTime()));
        } finally {
            lock.unlock();
        }
    }

    /** Closes a connection that is of no more use. */
    void end(HttpConnection connection) throws IOException {
        lock.lock();
        try {
            open.remove(connection);
            over.signalAll();
        } finally {
            lock.unlock();
        }
        connection.close();
    }

    private void watch() throws InterruptedException, IOException {
        while (true) {
            long now = System.nanoTime();
            for (HttpConnection connection : toWatch()) {
                connection.expire(now);
            }
            for (HttpConnection connection : idleTooLong(now)) {
                end(connection);
            }
            lock.lock();
            try {
                if (open.isEmpty()) {
                    watched = false;
                    return;
                }
                long _ = over.awaitNanos(tick);
            } finally {
                lock.unlock();
            }
        }
    }

    private List<HttpConnection> toWatch() {
        lock.lock();
        try {
            return new ArrayList<>(open);
        } finally {
            lock.unlock();
        }
    }

    private List<HttpConnection> idleTooLong(long now) {
        List<HttpConnection> found = new ArrayList<>();
        lock.lock();
        try {
            for (Deque<Idle> there : idle.values()) {
                while (!there.isEmpty() && now - there.getFirst().since() > LONGEST_IDLE) {
                    found.add(there.removeFirst().connection());
                }
            }
        } finally {
            lock.unlock();
        }
        return found;
    }

    /** No deadline holds any more, so no call may go on. */
    private void unwatched(Throwable fault) {
        List<HttpConnection> all;
        lock.lock();
        try {
            watched = false;
            all = new ArrayList<>(open);
        } finally {
            lock.unlock();
        }
        for (HttpConnection connection : all) {
            try {
                end(connection);
            } catch (IOException e) {
                fault.addSuppressed(e);
            }
        }
        System.getLogger(HttpConnections.class.getName())
                .log(System.Logger.Level.ERROR, "the watch over HTTP deadlines failed", fault);
    }

    /** Ends all connections; calls under way and later ones fail. */
    @Override
    public void close() throws IOException {
        lock.lock();
        try {
            closed = true;
            idle.clear();
        } finally {
            lock.unlock();
        }
        for (HttpConnection connection : toWatch()) {
            end(connection);
        }
    }
}
