package dev.forebay.cli;

import dev.forebay.client.ControlClient;
import dev.forebay.wire.Json;
import dev.forebay.wire.Ttl;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The commands that ask the catalogue and change nothing but tags and lifetimes. */
final class CatalogueCommands {
    private CatalogueCommands() {}

    static void print(CommandSpec spec, byte[] json) {
        spec.commandLine().getOut().println(Json.writeIndented(Json.read(json, Object.class)));
    }

    private static String flag(boolean softDeleted) {
        return softDeleted ? "?softDeleted=true" : "";
    }

    /** {@code buffer create}. */
    @Command(
            name = "create",
            description = "Create a buffer and print its ID.",
            mixinStandardHelpOptions = true)
    static final class Create implements Callable<Integer> {
        @Mixin private Session session;
        @Spec private CommandSpec spec;

        @Option(
                names = "--tag",
                paramLabel = "K=V",
                split = ",",
                description = "A tag; repeat for more.")
        private Map<String, String> tags = new LinkedHashMap<>();

        @Option(
                names = "--ttl",
                paramLabel = "D[.HH[:MM[:SS]]]",
                description = "How long it lives.")
        private String ttl;

        @Option(names = "--location", paramLabel = "NAME", description = "Where its data is kept.")
        private String location;

        @Option(names = "--full-resource", description = "Print all of it, as JSON.")
        private boolean full;

        @Override
        public Integer call() throws IOException {
            Map<String, Object> body = new LinkedHashMap<>();
            body.put("tags", tags);
            if (location != null) {
                body.put("location", location);
            }
            if (ttl != null) {
                body.put("expiresAt", Instant.now().plus(Ttl.parse(ttl)).toString());
            }
            byte[] answer = session.client().call("POST", "/buffers", body, Map.of());
            if (full) {
                print(spec, answer);
            } else {
                spec.commandLine().getOut().println(Json.read(answer, Map.class).get("id"));
            }
            return 0;
        }
    }

    /** {@code buffer access}. */
    @Command(
            name = "access",
            description = "Print an access URL, which expires.",
            mixinStandardHelpOptions = true)
    static final class Access implements Callable<Integer> {
        @Mixin private Session session;
        @Spec private CommandSpec spec;

        @Parameters(paramLabel = "ID", description = "The buffer.")
        private String id;

        @Option(
                names = {"-w", "--write"},
                description = "For writing, too.")
        private boolean write;

        @Override
        public Integer call() throws IOException {
            spec.commandLine()
                    .getOut()
                    .println(Reference.ask(session.client(), id, write).secret());
            return 0;
        }
    }

    /** {@code buffer show}. */
    @Command(
            name = "show",
            description = "Print a buffer as JSON.",
            mixinStandardHelpOptions = true)
    static final class Show implements Callable<Integer> {
        @Mixin private Session session;
        @Spec private CommandSpec spec;

        @Parameters(paramLabel = "ID", description = "The buffer.")
        private String id;

        @Option(names = "--soft-deleted", description = "A deleted one.")
        private boolean softDeleted;

        @Override
        public Integer call() throws IOException {
            String path = "/buffers/" + Reference.checkedId(id) + flag(softDeleted);
            print(spec, session.client().call("GET", path, null, Map.of()));
            return 0;
        }
    }

    /** {@code buffer set}. */
    @Command(
            name = "set",
            description = "Change tags or lifetime of a buffer.",
            mixinStandardHelpOptions = true)
    static final class SetTags implements Callable<Integer> {
        @Mixin private Session session;
        @Spec private CommandSpec spec;

        @Parameters(paramLabel = "ID", description = "The buffer.")
        private String id;

        @Option(
                names = "--tag",
                paramLabel = "K=V",
                split = ",",
                description = "A tag to set; repeat for more.")
        private Map<String, String> tags = new LinkedHashMap<>();

        @Option(names = "--clear-tags", description = "Remove all other tags.")
        private boolean clear;

        @Option(names = "--etag", paramLabel = "ETAG", description = "Only if this is its version.")
        private String etag;

        @Option(
                names = "--ttl",
                paramLabel = "D[.HH[:MM[:SS]]]",
                description = "How long it lives from now on.")
        private String ttl;

        @Option(names = "--soft-deleted", description = "A deleted one.")
        private boolean softDeleted;

        @Override
        public Integer call() throws IOException {
            ControlClient client = session.client();
            String path = "/buffers/" + Reference.checkedId(id) + flag(softDeleted);
            Map<String, Object> merged = new LinkedHashMap<>();
            Map<String, Object> body = new LinkedHashMap<>();
            if (!clear) {
                Map<?, ?> now = Json.read(client.call("GET", path, null, Map.of()), Map.class);
                if (etag != null && !etag.equals(now.get("eTag"))) {
                    throw new IOException("the server's ETag does not match the provided ETag");
                }
                if (now.get("tags") instanceof Map<?, ?> old) {
                    old.forEach((key, value) -> merged.put(String.valueOf(key), value));
                }
            }
            merged.putAll(tags);
            body.put("tags", merged);
            if (ttl != null) {
                body.put("expiresAt", Instant.now().plus(Ttl.parse(ttl)).toString());
            }
            Map<String, String> headers = etag == null ? Map.of() : Map.of("If-Match", etag);
            print(spec, client.call("PUT", path, body, headers));
            return 0;
        }
    }

    /** {@code buffer count}. */
    @Command(name = "count", description = "Count buffers.", mixinStandardHelpOptions = true)
    static final class Count implements Callable<Integer> {
        @Mixin private Session session;
        @Mixin private Filters filters;
        @Spec private CommandSpec spec;

        @Option(names = "--soft-deleted", description = "Deleted ones.")
        private boolean softDeleted;

        @Override
        public Integer call() throws IOException {
            String path = "/buffers/count?softDeleted=" + softDeleted + filters.query();
            byte[] answer = session.client().call("GET", path, null, Map.of());
            spec.commandLine().getOut().println(new String(answer, StandardCharsets.UTF_8).strip());
            return 0;
        }
    }

    /** {@code buffer list}. */
    @Command(
            name = "list",
            description = "List buffers, newest first.",
            mixinStandardHelpOptions = true)
    static final class ListAll implements Callable<Integer> {
        private static final int UNASKED_LIMIT = 1000;

        @Mixin private Session session;
        @Mixin private Filters filters;
        @Spec private CommandSpec spec;

        @Option(names = "--soft-deleted", description = "Deleted ones.")
        private boolean softDeleted;

        @Option(
                names = {"-l", "--limit"},
                paramLabel = "N",
                description = "At most so many; default 1000.")
        private Integer limit;

        @Option(names = "--all", description = "All there are.")
        private boolean all;

        @Option(
                names = "--format",
                paramLabel = "json|table",
                description = "How to print them; default json.")
        private String format = "json";

        @Override
        public Integer call() throws IOException {
            if (!format.equals("json") && !format.equals("table")) {
                throw new IllegalArgumentException(
                        "--format must be json or table, not '" + format + "'");
            }
            long most = all ? Long.MAX_VALUE : limit != null ? limit : UNASKED_LIMIT;
            List<Object> found = new ArrayList<>();
            ControlClient client = session.client();
            long first = all ? 2000 : limit != null ? limit : UNASKED_LIMIT + 1;
            String next =
                    "/buffers?limit="
                            + first
                            + (softDeleted ? "&softDeleted=true" : "")
                            + filters.query();
            while (next != null && found.size() < most + 1) {
                Map<?, ?> page = Json.read(client.call("GET", next, null, Map.of()), Map.class);
                found.addAll((List<?>) page.get("items"));
                Object link = page.get("nextLink");
                next =
                        link == null || limit != null && found.size() >= most
                                ? null
                                : withoutVersion(link.toString());
            }
            boolean truncated = found.size() > most;
            print(truncated ? found.subList(0, (int) most) : found);
            if (truncated && limit == null) {
                spec.commandLine()
                        .getErr()
                        .println(
                                "Warning: the output was truncated. Specify the --limit parameter to increase the number"
                                        + " of elements, or --all.");
            }
            return 0;
        }

        /** The client adds the version itself. */
        private static String withoutVersion(String link) {
            return link.replaceAll("([?&])api-version=[^&]*&?", "$1").replaceAll("[?&]$", "");
        }

        private void print(List<?> buffers) {
            PrintWriter out = spec.commandLine().getOut();
            if (format.equals("json")) {
                out.println(Json.writeIndented(buffers));
                return;
            }
            out.printf("%-26s  %-32s  %s%n", "ID", "CREATED", "TAGS");
            for (Object each : buffers) {
                Map<?, ?> buffer = (Map<?, ?>) each;
                Object tags = buffer.get("tags");
                out.printf(
                        "%-26s  %-32s  %s%n",
                        buffer.get("id"), buffer.get("createdAt"), tags == null ? "" : tags);
            }
        }
    }
}
