package dev.forebay.cli;

import dev.forebay.wire.PlainJson;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
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
        @Mixin private Printing printing;
        @Spec private CommandSpec spec;

        @Parameters(
                paramLabel = "ID",
                arity = "0..*",
                description = "The buffers; or give --tag or --all.")
        private List<String> ids = new ArrayList<>();

        @Option(names = "--all", description = "All there are.")
        private boolean all;

        @Option(names = "--force", description = "Do it without asking first.")
        private boolean force;

        abstract boolean onDeleted();

        abstract String verb();

        abstract byte[] one(Catalogue catalogue, String id) throws IOException;

        abstract long many(Catalogue catalogue, String query);

        @Override
        public Integer call() throws IOException {
            int ways = (ids.isEmpty() ? 0 : 1) + (filters.hasTags() ? 1 : 0) + (all ? 1 : 0);
            if (ways != 1) {
                throw new IllegalArgumentException(
                        "One of ID, --tag, or --all must be specified, and not two of them");
            }
            if (!ids.isEmpty() && filters.excludes()) {
                throw new IllegalArgumentException(
                        "--exclude-tag goes with --tag or --all, not with IDs");
            }
            if (ids.isEmpty() && printing.isChosen()) {
                throw new IllegalArgumentException(
                        "--format goes with IDs; with --tag or --all their number is printed");
            }
            ids.forEach(Catalogue::checkedId);
            Catalogue catalogue = new Catalogue(session.client());
            return ids.isEmpty() ? byFilter(catalogue) : byId(catalogue);
        }

        /** The first failure stops; what was done before it is said with it. */
        private int byId(Catalogue catalogue) throws IOException {
            List<Object> done = new ArrayList<>();
            for (String id : ids) {
                try {
                    done.add(PlainJson.readObject(one(catalogue, id)));
                } catch (IOException e) {
                    throw done.isEmpty() ? e : new IOException(e.getMessage() + before(done), e);
                }
            }
            if (done.size() == 1) {
                printing.one(done.getFirst());
            } else {
                printing.all(done);
            }
            return 0;
        }

        private String before(List<Object> done) {
            return "; "
                    + verb().toLowerCase(Locale.ROOT)
                    + " before it: "
                    + ids.subList(0, done.size());
        }

        private int byFilter(Catalogue catalogue) {
            PrintWriter out = spec.commandLine().getOut();
            if (!force) {
                String rest = "/count?softDeleted=" + onDeleted() + filters.query();
                long count = catalogue.number("GET", rest);
                if (count == 0) {
                    out.println("No buffers found.");
                    return 0;
                }
                askFor(count);
            }
            long done = many(catalogue, filters.query().replaceFirst("&", "?"));
            out.println(verb() + " " + done + " buffers.");
            return 0;
        }

        private void askFor(long count) {
            // The console of this Java is null where there is no terminal, that of others says so.
            String answer =
                    Optional.ofNullable(System.console())
                            .filter(Console::isTerminal)
                            .map(console ->
                                    console.readLine(
                                            "%s %d buffers? [y/N] ",
                                            verb().replaceAll("d$", ""), count))
                            .orElse(null);
            if (answer == null || !answer.strip().equalsIgnoreCase("y")) {
                throw new IllegalArgumentException(
                        "nothing was done to "
                                + count
                                + " buffers; say --force to do it without being asked");
            }
        }
    }

    /** {@code buffer delete}. */
    @Command(
            name = "delete",
            description = "Delete buffers softly; for a day, restore brings them back.",
            footerHeading = "%nExample:%n",
            footer = "  forebay buffer delete --tag state=checked --force",
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
        byte[] one(Catalogue catalogue, String id) throws IOException {
            return catalogue.one(
                    "DELETE",
                    id,
                    "",
                    "'forebay buffer purge " + id + "' removes its data for good");
        }

        @Override
        long many(Catalogue catalogue, String query) {
            return catalogue.number("DELETE", query);
        }
    }

    /** {@code buffer restore}. */
    @Command(
            name = "restore",
            description = "Bring deleted buffers back.",
            footerHeading = "%nExample:%n",
            footer = "  forebay buffer restore ID",
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
        byte[] one(Catalogue catalogue, String id) throws IOException {
            return catalogue.one("POST", id, "/restore", "only a deleted buffer can be restored");
        }

        @Override
        long many(Catalogue catalogue, String query) {
            return catalogue.number("POST", "/restore" + query);
        }
    }

    /** {@code buffer purge}. */
    @Command(
            name = "purge",
            description = "Remove deleted buffers and their data for good.",
            footerHeading = "%nExample:%n",
            footer = "  forebay buffer purge --all --force",
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
        byte[] one(Catalogue catalogue, String id) throws IOException {
            return catalogue.one(
                    "DELETE",
                    id,
                    "?ttl=0&softDeleted=true",
                    "run 'forebay buffer delete " + id + "' first");
        }

        @Override
        long many(Catalogue catalogue, String query) {
            String more = query.isEmpty() ? "?" : query + "&";
            return catalogue.number("DELETE", more + "ttl=0&softDeleted=true");
        }
    }
}
