package dev.forebay.blobhttp;

import dev.forebay.base.Durability;
import dev.forebay.base.Printable;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.Container;
import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.blob.Lookup;
import dev.forebay.blob.Md5;
import dev.forebay.blob.PutResult;
import dev.forebay.blob.SmallBlob;
import dev.forebay.blob.StagedBlob;
import dev.forebay.blob.Wait;
import dev.forebay.wire.Headers;
import dev.forebay.wire.data.BatchBody;
import dev.forebay.wire.data.BlobHeaders;
import dev.forebay.wire.data.DataErrorCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A container behind the data plane of the reference, or a server that speaks it.
 *
 * <p><b>Guarantee.</b> Every put is create-only. An acknowledgement is as durable as the other side
 * says in {@code Forebay-Durability}; one that says nothing is believed to be {@link
 * Durability#WRITTEN}. A refused access URL is renewed once for all requests that met the refusal,
 * and each of these is sent once more. A host whose name was never known is a failure for good. The
 * secret of the URL is in no message; redirects are not followed.
 *
 * <p><b>Limit.</b> Nothing is tried again but after a renewal: that is for the caller, by the class
 * of the fault, which carries what a busy server asked for in {@code Retry-After}. A staged blob of
 * more than 1 MiB is kept in a temporary file, since its digest travels before its body; {@link
 * #put} sends from the caller's buffer, without a copy. {@link Wait#orUntil} is left to the other
 * side, which knows its end marker.
 *
 * <p>Safe for use by many threads, virtual ones too; each call blocks its thread.
 */
public final class HttpContainer implements Container, AutoCloseable {
    private static final Path TEMPORARY = Path.of(System.getProperty("java.io.tmpdir"));

    private final Access access;
    private final HttpTimeouts timeouts;
    private final Durability demanded;
    private final HttpConnections connections;
    private final LastDate dates = new LastDate();
    private volatile boolean closed;

    /** How many blobs the other side takes at once, by its last word. */
    private volatile int batch = 1;

    /** Whether a batch met a server that takes none, so that no more are sent. */
    private volatile boolean batchUnknown;

    /** Whether the name of the host was known once, so that not to know it now may pass. */
    private volatile boolean resolved;

    /** Whether an answer of HTTP came once, so that anything else may be a fault on the way. */
    private volatile boolean answered;

    /**
     * Demands {@link Durability#SYNCED}.
     *
     * @param source gives URLs of the container
     */
    public HttpContainer(AccessUrlSource source) {
        this(source, HttpTimeouts.defaults(), Durability.SYNCED);
    }

    /**
     * Calls nobody yet: the first use asks {@code source} for a URL.
     *
     * @param source gives URLs of the container
     * @param timeouts of every request
     * @param demanded what every put asks the other side for; what it then gives is in the answer
     */
    public HttpContainer(AccessUrlSource source, HttpTimeouts timeouts, Durability demanded) {
        this(source, timeouts, demanded, TlsTrust.ofJava());
    }

    /**
     * The same, trusting other certificates than Java does.
     *
     * @param source gives URLs of the container
     * @param timeouts of every request
     * @param demanded what every put asks the other side for
     * @param trust whom {@code https} trusts
     */
    public HttpContainer(
            AccessUrlSource source, HttpTimeouts timeouts, Durability demanded, TlsTrust trust) {
        this(source, timeouts, demanded, trust, HttpProxy.none());
    }

    /**
     * The same, through a proxy.
     *
     * @param source gives URLs of the container
     * @param timeouts of every request
     * @param demanded what every put asks the other side for
     * @param trust whom {@code https} trusts
     * @param proxy what stands before the servers
     */
    public HttpContainer(
            AccessUrlSource source,
            HttpTimeouts timeouts,
            Durability demanded,
            TlsTrust trust,
            HttpProxy proxy) {
        this.access = new Access(source);
        this.timeouts = timeouts;
        this.demanded = demanded;
        this.connections =
                new HttpConnections(timeouts, trust::sockets, Addresses::ofSystem, proxy);
    }

    /** Ends all connections; requests under way and later ones fail with {@link Fault#CLOSED}. */
    @Override
    public void close() {
        closed = true;
        try {
            connections.close();
        } catch (IOException e) {
            throw new ContainerException(
                    Fault.UNAVAILABLE, "closing the connections: " + e.getMessage(), e);
        }
    }

    @Override
    public StagedBlob stage(BlobName name) {
        return new SpooledBlob(this, name, TEMPORARY, SpooledBlob.LARGEST);
    }

    @Override
    public PutResult put(
            BlobName name,
            List<ByteBuffer> body,
            @Nullable Md5 expected,
            Map<String, String> metadata) {
        Md5 md5 = expected != null ? expected : Md5.of(body);
        Sent sent =
                send(
                        "putting blob " + name,
                        url -> {
                            HttpCall call =
                                    call("PUT", url.of(name), body, timeouts.response())
                                            .with(BlobHeaders.CONTENT_MD5, md5.base64())
                                            .with(BlobHeaders.BLOB_TYPE, BlobHeaders.BLOCK_BLOB)
                                            .with(Headers.IF_NONE_MATCH, "*")
                                            .with(Headers.DURABILITY, demanded.word());
                            metadata.forEach((key, value) ->
                                    call.with(BlobHeaders.METADATA_PREFIX + key, value));
                            return call;
                        });
        HttpAnswer answer = sent.answer();
        if (answer.status() == 201) {
            int announced = Batch.announced(answer);
            batch = announced > 0 ? announced : batch;
            BlobInfo info =
                    new BlobInfo(
                            name, HttpCall.length(body), md5, metadata, modified(answer.head()));
            return new PutResult.Created(info, durability(answer));
        }
        if (Answers.exists(answer)) {
            return new PutResult.Exists(durability(answer));
        }
        if (Answers.code(answer).equals(DataErrorCode.MD5_MISMATCH)) {
            return new PutResult.DigestMismatch(md5, Md5.of(body));
        }
        throw Answers.fault(answer, "putting blob " + name, "write", sent.url());
    }

    @Override
    public int mostAtOnce() {
        return batchUnknown ? 1 : batch;
    }

    @Override
    public List<PutResult> putAll(List<SmallBlob> blobs) {
        if (blobs.size() < 2 || mostAtOnce() < 2) {
            return Container.super.putAll(blobs);
        }
        Batch together = new Batch(blobs);
        List<ByteBuffer> body = together.body();
        if (HttpCall.length(body) > BatchBody.LARGEST) {
            return Container.super.putAll(blobs);
        }
        Sent sent =
                send(
                        together.toString(),
                        url ->
                                call("POST", url.batches(), body, timeouts.response())
                                        .with("Content-Type", BatchBody.TYPE)
                                        .with(Headers.DURABILITY, demanded.word()));
        HttpAnswer answer = sent.answer();
        if (answer.status() == 200) {
            return together.results(
                    answer, sent.url(), durability(answer), modified(answer.head()));
        }
        if (Batch.isUnknown(answer)) {
            batchUnknown = true;
            return Container.super.putAll(blobs);
        }
        throw Answers.fault(answer, together.toString(), "write", sent.url());
    }

    @Override
    public Optional<BlobInfo> head(BlobName name) {
        String doing = "looking for blob " + name;
        Sent sent = send(doing, url -> call("HEAD", url.of(name), List.of(), timeouts.response()));
        HttpAnswer answer = sent.answer();
        if (answer.status() == 200) {
            return Optional.of(info(name, answer.head()));
        }
        if (answer.status() == 404
                && !Answers.code(answer).equals(DataErrorCode.CONTAINER_NOT_FOUND)) {
            return Optional.empty();
        }
        throw Answers.fault(answer, doing, "read", sent.url());
    }

    @Override
    public Lookup get(BlobName name, Wait wait) {
        String doing = "getting blob " + name;
        Sent sent = send(doing, url -> get(url, name, wait));
        HttpAnswer answer = sent.answer();
        if (sent.body() != null) {
            return new Lookup.Found(found(name, answer.head(), sent.body()));
        }
        if (answer.status() == 404 && Answers.code(answer).equals(DataErrorCode.BLOB_NOT_FOUND)) {
            String applied = answer.first(Headers.PREFERENCE_APPLIED).orElse("");
            return new Lookup.Absent(applied.toLowerCase(Locale.ROOT).startsWith("wait"));
        }
        throw Answers.fault(answer, doing, "read", sent.url());
    }

    private HttpBlob found(BlobName name, AnswerHead head, HttpBody body) {
        boolean done = false;
        try {
            HttpBlob blob =
                    new HttpBlob(info(name, head), Answers.held(head), body, timeouts.progress());
            done = true;
            return blob;
        } finally {
            if (!done) {
                discard(body);
            }
        }
    }

    private static void discard(HttpBody body) {
        try {
            body.close();
        } catch (IOException e) {
            throw new ContainerException(
                    Fault.UNAVAILABLE, "closing a connection: " + e.getMessage(), e);
        }
    }

    private HttpCall get(AccessUrl url, BlobName name, Wait wait) {
        if (!wait.atMost().isPositive()) {
            return call("GET", url.of(name), List.of(), timeouts.response());
        }
        long seconds = Math.max(1, wait.atMost().toSeconds());
        return call("GET", url.of(name), List.of(), timeouts.response().plusSeconds(seconds))
                .with(Headers.PREFER, "wait=" + seconds);
    }

    private static HttpCall call(
            String method, Target target, List<ByteBuffer> body, Duration within) {
        return new HttpCall(method, target, body, within)
                .with(BlobHeaders.VERSION, BlobHeaders.VERSION_VALUE);
    }

    /**
     * What came back.
     *
     * @param body to be read by the caller if it is that of a blob, else null
     */
    private record Sent(HttpAnswer answer, @Nullable HttpBody body, AccessUrl url) {}

    /** Sends, and once more with a renewed URL if the first was refused. */
    private Sent send(String doing, Function<AccessUrl, HttpCall> call) {
        AccessUrl url = access.current();
        Sent first = exchange(doing, url, call.apply(url));
        if (!Answers.refusesCredential(first.answer())) {
            return first;
        }
        AccessUrl renewed = access.after(url);
        return exchange(doing, renewed, call.apply(renewed));
    }

    private Sent exchange(String doing, AccessUrl url, HttpCall call) {
        try {
            HttpConnections.Answered came = connections.send(call);
            resolved = true;
            answered = true;
            if (call.isGet() && came.head().status() == 200) {
                return new Sent(new HttpAnswer(came.head(), ""), came.body(), url);
            }
            // The body of a batch's answer says what happened, and any other explains a status.
            String explanation =
                    call.isPost() && came.head().status() == 200
                            ? came.body().text(timeouts.progress())
                            : came.body().excerpt(timeouts.progress());
            return new Sent(new HttpAnswer(came.head(), explanation), null, url);
        } catch (IOException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw new ContainerException(Fault.CLOSED, "interrupted while " + doing, e);
            }
            FailedExchange failed = FailedExchange.of(e, resolved, answered);
            if (!FailedExchange.isUnresolved(e)) {
                resolved = true;
            }
            throw new ContainerException(
                    closed ? Fault.CLOSED : failed.fault(),
                    "%s at %s: %s".formatted(doing, url, url.scrub(failed.reason())),
                    e);
        }
    }

    private static Durability durability(HttpAnswer answer) {
        Optional<String> word = answer.first(Headers.DURABILITY);
        try {
            return word.map(Durability::parse).orElse(Durability.WRITTEN);
        } catch (IllegalArgumentException e) {
            throw new ContainerException(
                    Fault.FAILED,
                    "%s of an answer: %s"
                            .formatted(
                                    Headers.DURABILITY,
                                    Printable.of(String.valueOf(e.getMessage()))),
                    e);
        }
    }

    private BlobInfo info(BlobName name, AnswerHead head) {
        String md5 =
                head.first(BlobHeaders.CONTENT_MD5)
                        .orElseThrow(() ->
                                new ContainerException(
                                        Fault.FAILED,
                                        "blob %s came without Content-MD5; is this an access URL?"
                                                .formatted(name)));
        long size = length(name, head);
        Map<String, String> metadata = new TreeMap<>();
        for (Map.Entry<String, List<String>> header : head.headers().entrySet()) {
            String key = header.getKey();
            if (key.startsWith(BlobHeaders.METADATA_PREFIX)) {
                metadata.put(
                        key.substring(BlobHeaders.METADATA_PREFIX.length()),
                        Printable.of(header.getValue().getFirst()));
            }
        }
        try {
            return new BlobInfo(name, size, new Md5(md5), metadata, modified(head));
        } catch (IllegalArgumentException e) {
            throw new ContainerException(
                    Fault.FAILED,
                    "blob %s: %s".formatted(name, Printable.of(String.valueOf(e.getMessage()))),
                    e);
        }
    }

    private static long length(BlobName name, AnswerHead head) {
        try {
            return head.length()
                    .orElseThrow(() ->
                            new ContainerException(
                                    Fault.BROKEN_BODY, "blob " + name + " came without a length"));
        } catch (MalformedAnswerException e) {
            throw new ContainerException(
                    Fault.BROKEN_BODY, "blob %s: %s".formatted(name, e.getMessage()), e);
        }
    }

    /** The reference does not say; then it is the beginning of time. */
    private Instant modified(AnswerHead head) {
        Optional<String> text = head.first(Headers.LAST_MODIFIED);
        try {
            return text.isEmpty() ? Instant.EPOCH : dates.parse(text.get());
        } catch (DateTimeException e) {
            throw new ContainerException(
                    Fault.FAILED,
                    "%s is not a date: %s"
                            .formatted(Headers.LAST_MODIFIED, text.map(Printable::of).orElse("")),
                    e);
        }
    }
}
