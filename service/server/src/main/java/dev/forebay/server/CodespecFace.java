package dev.forebay.server;

import dev.forebay.control.CodespecPage;
import dev.forebay.control.CodespecTags;
import dev.forebay.control.Codespecs;
import dev.forebay.wire.control.CodespecBody;
import dev.forebay.wire.control.Page;
import dev.forebay.wire.control.TagsBody;
import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The control plane's routes for codespecs. Their tags have a route of their own, since clients of
 * the reference refuse a codespec with a field they do not know.
 *
 * <p>Source: section 2.10 of the reference's protocol.
 */
final class CodespecFace implements Face {
    private static final Pattern OWN = Pattern.compile("(/v1)?/codespecs(/.*)?");

    /** More versions than a number of 32 bits counts are not there. */
    private static final Pattern VERSION = Pattern.compile("[0-9]{1,9}");

    private final Codespecs codespecs;

    CodespecFace(Codespecs codespecs) {
        this.codespecs = codespecs;
    }

    @Override
    public List<Route> routes() {
        return List.of(
                Route.of("GET", "/codespecs", this::list),
                Route.of("PUT", "/codespecs/{name}", this::create),
                Route.of("GET", "/codespecs/{name}", this::show),
                Route.of("GET", "/codespecs/{name}/versions/{n}", this::showVersion),
                Route.of("GET", "/codespecs/{name}/tags", this::showTags),
                Route.of("PUT", "/codespecs/{name}/tags", this::setTags));
    }

    @Override
    public boolean owns(String path) {
        return OWN.matcher(path).matches();
    }

    @Override
    public ErrorAnswer render(Throwable fault) {
        return JsonErrors.of(fault);
    }

    @Override
    public void close() {
        // No request waits here.
    }

    private static String name(Exchange exchange) {
        return exchange.parameter("name");
    }

    private static void send(Exchange exchange, int status, CodespecBody codespec)
            throws IOException {
        String location = "/codespecs/%s/%d".formatted(codespec.name(), codespec.version());
        exchange.with("Location", location).sendJson(status, codespec);
    }

    private void list(Exchange exchange) throws IOException {
        CodespecPage page =
                codespecs.list(
                        exchange.query("prefix").orElse(""),
                        Parameters.tags(exchange, "tag"),
                        Parameters.tagKeys(exchange),
                        Parameters.created(exchange),
                        Parameters.limit(exchange),
                        exchange.query("_ct"));
        String next =
                page.continuation()
                        .map(token -> Parameters.nextLink(exchange, "/codespecs", token))
                        .orElse(null);
        exchange.sendJson(200, new Page<>(page.codespecs(), next));
    }

    private void create(Exchange exchange) throws IOException {
        CodespecBody created = codespecs.create(name(exchange), exchange.json(CodespecBody.class));
        boolean first = created.version() != null && created.version() == 1;
        send(exchange, first ? 201 : 200, created);
    }

    private void show(Exchange exchange) throws IOException {
        send(exchange, 200, codespecs.get(name(exchange)));
    }

    private void showVersion(Exchange exchange) throws IOException {
        String version = exchange.parameter("n");
        if (!VERSION.matcher(version).matches()) {
            throw Refusal.notFound();
        }
        send(exchange, 200, codespecs.get(name(exchange), Integer.parseInt(version)));
    }

    private static void send(Exchange exchange, CodespecTags tags) throws IOException {
        exchange.with("ETag", tags.eTag())
                .sendJson(200, new TagsBody(tags.name(), tags.tags(), tags.eTag()));
    }

    private void showTags(Exchange exchange) throws IOException {
        send(exchange, codespecs.tags(name(exchange)));
    }

    private void setTags(Exchange exchange) throws IOException {
        TagsBody wanted = exchange.json(TagsBody.class);
        send(
                exchange,
                codespecs.setTags(
                        name(exchange),
                        Parameters.ifMatch(exchange),
                        Parameters.noNulls(wanted.tags())));
    }
}
