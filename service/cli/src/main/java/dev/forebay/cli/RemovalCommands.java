package dev.forebay.cli;

import dev.forebay.client.ControlClient;
import dev.forebay.wire.Json;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Delete, restore and purge: of buffers by ID one by one, or of all that match. */
final class RemovalCommands {
    private RemovalCommands() {}

    /** What the three have in common. */
    abstract static class Removal implements Callable<Integer> {
        @Mixin private Session session;
        @Mixin private Filters filters;
        @Spec private CommandSpec spec;

        @Parameters(paramLabel = "ID", arity = "0..*", description = "The buffers.")
        private List<String> ids = new ArrayList<>();

        @Option(names = "--all", description = "All of them.")
        private boolean all;

        @Option(names = "--force", description = "Do not ask.")
        private boolean force;

        abstract boolean onDeleted();

        abstract String verb();

        abstract byte[] one(ControlClient client, String id);

        abstract byte[] many(ControlClient client, String query);

        @Override
        public Integer call() throws IOException {
            int ways = (ids.isEmpty() ? 0 : 1) + (filters.isEmpty() ? 0 : 1) + (all ? 1 : 0);
            if (ways != 1) {
                throw new IllegalArgumentException("One of ID, --tag, or --all must be specified");
            }
            ControlClient client = session.client();
            return ids.isEmpty() ? byFilter(client) : byId(client);
        }

        private int byId(ControlClient client) {
            List<Object> done = new ArrayList<>();
            for (String id : ids) {
                done.add(Json.read(one(client, Reference.checkedId(id)), Object.class));
            }
            spec.commandLine()
                    .getOut()
                    .println(Json.writeIndented(done.size() == 1 ? done.getFirst() : done));
            return 0;
        }

        private int byFilter(ControlClient client) {
            PrintWriter out = spec.commandLine().getOut();
            if (!force) {
                String path = "/buffers/count?softDeleted=" + onDeleted() + filters.query();
                String count = text(client.call("GET", path, null, Map.of()));
                if (count.equals("0")) {
                    out.println("No buffers found.");
                    return 0;
                }
                Console console = Objects.requireNonNull(System.console());
                String answer =
                        console.isTerminal()
                                ? console.readLine(
                                        "%s %s buffers? [y/N] ", verb().replaceAll("d$", ""), count)
                                : null;
                if (answer == null || !answer.strip().equalsIgnoreCase("y")) {
                    throw new IllegalArgumentException(
                            "nothing was done to "
                                    + count
                                    + " buffers; say --force to do it without being asked");
                }
            }
            out.println(
                    verb()
                            + " "
                            + text(many(client, filters.query().replaceFirst("&", "?")))
                            + " buffers.");
            return 0;
        }

        private static String text(byte[] answer) {
            return new String(answer, StandardCharsets.UTF_8).strip();
        }
    }

    /** {@code buffer delete}. */
    @Command(
            name = "delete",
            description = "Delete buffers softly; restore brings them back within a day.",
            mixinStandardHelpOptions = true)
    static final class Delete extends Removal {
        @Override
        boolean onDeleted() {
            return false;
        }

        @Override
        String verb() {
            return "Deleted";
        }

        @Override
        byte[] one(ControlClient client, String id) {
            return client.call("DELETE", "/buffers/" + id, null, Map.of());
        }

        @Override
        byte[] many(ControlClient client, String query) {
            return client.call("DELETE", "/buffers" + query, null, Map.of());
        }
    }

    /** {@code buffer restore}. */
    @Command(
            name = "restore",
            description = "Bring deleted buffers back.",
            mixinStandardHelpOptions = true)
    static final class Restore extends Removal {
        @Override
        boolean onDeleted() {
            return true;
        }

        @Override
        String verb() {
            return "Restored";
        }

        @Override
        byte[] one(ControlClient client, String id) {
            return client.call("POST", "/buffers/" + id + "/restore", null, Map.of());
        }

        @Override
        byte[] many(ControlClient client, String query) {
            return client.call("POST", "/buffers/restore" + query, null, Map.of());
        }
    }

    /** {@code buffer purge}. */
    @Command(
            name = "purge",
            description = "Remove deleted buffers and their data for good.",
            mixinStandardHelpOptions = true)
    static final class Purge extends Removal {
        @Override
        boolean onDeleted() {
            return true;
        }

        @Override
        String verb() {
            return "Purged";
        }

        @Override
        byte[] one(ControlClient client, String id) {
            return client.call(
                    "DELETE", "/buffers/" + id + "?ttl=0&softDeleted=true", null, Map.of());
        }

        @Override
        byte[] many(ControlClient client, String query) {
            String more = query.isEmpty() ? "?" : query + "&";
            return client.call(
                    "DELETE", "/buffers" + more + "ttl=0&softDeleted=true", null, Map.of());
        }
    }
}
