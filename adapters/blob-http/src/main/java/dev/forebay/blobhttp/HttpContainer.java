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
import dev.forebay.blob.StagedBlob;
import dev.forebay.blob.Wait;
import dev.forebay.wire.Headers;
import dev.forebay.wire.data.BlobHeaders;
import dev.forebay.wire.data.DataErrorCode;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Flow;
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
    private final HttpClient client;
    private volatile boolean closed;

    /** Whether the name of the host was known once, so that not to know it now may pass. */
    private volatile boolean resolved;

    /** Whether an answer of HTTP came once, so that anything else may be a fault on the way. */
    private volatile boolean answered;

    /** Demands {@link Durability#SYNCED}. */
    public HttpContainer(AccessUrlSource source) {
        this(source, HttpTimeouts.defaults(), Durability.SYNCED);
    }

    /**
     * Calls nobody yet: the first use asks {@code source} for a URL.
     *
     * @param demanded what every put asks the other side for; what it then gives is in the answer
     */
    public HttpContainer(AccessUrlSource source, HttpTimeouts timeouts, Durability demanded) {
        this.access = new Access(source);
        this.timeouts = timeouts;
        this.demanded = demanded;
        this.client =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .connectTimeout(timeouts.connect())
                        .build();
    }

    /** Ends all connections; requests under way and later ones fail with {@link Fault#CLOSED}. */
    @Override
    public void close() {
        closed = true;
        client.shutdownNow();
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
        BufferPublisher source = new BufferPublisher(body);
        Sent sent =
                send(
                        "putting blob " + name,
                        url -> {
                            HttpRequest.Builder request =
                                    request(url, name)
                                            .PUT(source.publisher())
                                            .header(BlobHeaders.CONTENT_MD5, md5.base64())
                                            .header(BlobHeaders.BLOB_TYPE, BlobHeaders.BLOCK_BLOB)
                                            .header(Headers.IF_NONE_MATCH, "*")
                                            .header(Headers.DURABILITY, demanded.word());
                            metadata.forEach((key, value) ->
                                    request.header(BlobHeaders.METADATA_PREFIX + key, value));
                            return request;
                        },
                        request ->
                                Patience.await(
                                        client.sendAsync(
                                                request, Reply.explained(timeouts.progress())),
                                        source::slices,
                                        timeouts.response()));
        HttpResponse<Reply> answer = sent.answer();
        if (answer.statusCode() == 201) {
            BlobInfo info =
                    new BlobInfo(name, source.length(), md5, metadata, modified(answer.headers()));
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
    public Optional<BlobInfo> head(BlobName name) {
        String doing = "looking for blob " + name;
        Sent sent =
                send(
                        doing,
                        url -> request(url, name).HEAD().timeout(timeouts.response()),
                        request -> client.send(request, Reply.explained(timeouts.progress())));
        HttpResponse<Reply> answer = sent.answer();
        if (answer.statusCode() == 200) {
            return Optional.of(info(name, answer));
        }
        if (answer.statusCode() == 404
                && !Answers.code(answer).equals(DataErrorCode.CONTAINER_NOT_FOUND)) {
            return Optional.empty();
        }
        throw Answers.fault(answer, doing, "read", sent.url());
    }

    @Override
    public Lookup get(BlobName name, Wait wait) {
        String doing = "getting blob " + name;
        Sent sent =
                send(
                        doing,
                        url -> {
                            HttpRequest.Builder request = request(url, name).GET();
                            if (!wait.atMost().isPositive()) {
                                return request.timeout(timeouts.response());
                            }
                            long seconds = Math.max(1, wait.atMost().toSeconds());
                            return request.header(Headers.PREFER, "wait=" + seconds)
                                    .timeout(timeouts.response().plusSeconds(seconds));
                        },
                        request -> client.send(request, Reply.streaming(timeouts.progress())));
        HttpResponse<Reply> answer = sent.answer();
        if (answer.body() instanceof Reply.Stream(var body)) {
            try {
                return new Lookup.Found(
                        new HttpBlob(info(name, answer), body, timeouts.progress()));
            } catch (ContainerException e) {
                cutOff(body, e);
                throw e;
            }
        }
        if (answer.statusCode() == 404
                && Answers.code(answer).equals(DataErrorCode.BLOB_NOT_FOUND)) {
            String applied = answer.headers().firstValue(Headers.PREFERENCE_APPLIED).orElse("");
            return new Lookup.Absent(applied.toLowerCase(Locale.ROOT).startsWith("wait"));
        }
        throw Answers.fault(answer, doing, "read", sent.url());
    }

    /** Ends a body; the JDK's client throws what it likes where the head of an answer is wrong. */
    private static void cutOff(Flow.Publisher<List<ByteBuffer>> body, ContainerException reason) {
        try {
            HttpBlob.cutOff(body);
        } catch (RuntimeException | Error e) {
            reason.addSuppressed(e);
        }
    }

    private static HttpRequest.Builder request(AccessUrl url, BlobName name) {
        return HttpRequest.newBuilder(url.of(name))
                .header(BlobHeaders.VERSION, BlobHeaders.VERSION_VALUE);
    }

    private record Sent(HttpResponse<Reply> answer, AccessUrl url) {}

    /** Sends a request and waits for the head of its answer. */
    private interface Sender {
        HttpResponse<Reply> send(HttpRequest request) throws IOException, InterruptedException;
    }

    /** Sends, and once more with a renewed URL if the first was refused. */
    private Sent send(
            String doing, Function<AccessUrl, HttpRequest.Builder> request, Sender sender) {
        AccessUrl url = access.current();
        HttpResponse<Reply> answer = exchange(doing, url, request.apply(url), sender);
        if (!Answers.refusesCredential(answer)) {
            return new Sent(answer, url);
        }
        AccessUrl renewed = access.after(url);
        return new Sent(exchange(doing, renewed, request.apply(renewed), sender), renewed);
    }

    private HttpResponse<Reply> exchange(
            String doing, AccessUrl url, HttpRequest.Builder request, Sender sender) {
        try {
            HttpResponse<Reply> answer = sender.send(request.build());
            resolved = true;
            answered = true;
            return answer;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ContainerException(Fault.CLOSED, "interrupted while " + doing, e);
        } catch (IllegalArgumentException e) {
            // So the client reports a Content-Length that is no number.
            throw new ContainerException(
                    Fault.UNAVAILABLE,
                    doing
                            + " at "
                            + url
                            + ": malformed answer: "
                            + url.scrub(Printable.of(String.valueOf(e.getMessage()))),
                    e);
        } catch (IOException e) {
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

    private static Durability durability(HttpResponse<?> answer) {
        Optional<String> word = answer.headers().firstValue(Headers.DURABILITY);
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

    private static BlobInfo info(BlobName name, HttpResponse<?> answer) {
        HttpHeaders headers = answer.headers();
        String md5 =
                headers.firstValue(BlobHeaders.CONTENT_MD5)
                        .orElseThrow(() ->
                                new ContainerException(
                                        Fault.FAILED,
                                        "blob %s came without Content-MD5; is this an access URL?"
                                                .formatted(name)));
        long size = length(name, headers);
        Map<String, String> metadata = new TreeMap<>();
        for (Map.Entry<String, List<String>> header : headers.map().entrySet()) {
            String key = header.getKey().toLowerCase(Locale.ROOT);
            if (key.startsWith(BlobHeaders.METADATA_PREFIX)) {
                metadata.put(
                        key.substring(BlobHeaders.METADATA_PREFIX.length()),
                        Printable.of(header.getValue().getFirst()));
            }
        }
        try {
            return new BlobInfo(name, size, new Md5(md5), metadata, modified(headers));
        } catch (IllegalArgumentException e) {
            throw new ContainerException(
                    Fault.FAILED,
                    "blob %s: %s".formatted(name, Printable.of(String.valueOf(e.getMessage()))),
                    e);
        }
    }

    /** The announced length; one that cannot be read may be the fault of somebody on the way. */
    private static long length(BlobName name, HttpHeaders headers) {
        try {
            long length = headers.firstValueAsLong("Content-Length").orElse(-1);
            if (length >= 0) {
                return length;
            }
            throw new ContainerException(
                    Fault.BROKEN_BODY, "blob " + name + " came without a length");
        } catch (NumberFormatException e) {
            throw new ContainerException(
                    Fault.BROKEN_BODY,
                    "blob %s came with a length that is no number: %s"
                            .formatted(name, Printable.of(String.valueOf(e.getMessage()))),
                    e);
        }
    }

    /** The reference does not say; then it is the beginning of time. */
    private static Instant modified(HttpHeaders headers) {
        Optional<String> text = headers.firstValue(Headers.LAST_MODIFIED);
        try {
            return text.map(t -> DateTimeFormatter.RFC_1123_DATE_TIME.parse(t, Instant::from))
                    .orElse(Instant.EPOCH);
        } catch (DateTimeException e) {
            throw new ContainerException(
                    Fault.FAILED,
                    "%s is not a date: %s"
                            .formatted(Headers.LAST_MODIFIED, text.map(Printable::of).orElse("")),
                    e);
        }
    }
}
