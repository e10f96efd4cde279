package dev.forebay.cli;

import dev.forebay.client.BufferFilter;
import dev.forebay.client.BufferInfo;
import dev.forebay.client.ForebayClient;
import dev.forebay.client.RemoteBuffer;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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

        /** What to do if a buffer is not in the state for it. */
        abstract String whenRefused(String id);

        abstract BufferInfo one(RemoteBuffer buffer);

        abstract long many(ForebayClient client, BufferFilter filter);

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
            ForebayClient client = session.client();
            return ids.isEmpty()
                    ? byFilter(client)
                    : byId(ids.stream().map(client::buffer).toList());
        }

        /** The first failure stops; what was done before it is said with it. */
        private int byId(List<RemoteBuffer> buffers) throws IOException {
            List<BufferInfo> done = new ArrayList<>();
            for (RemoteBuffer buffer : buffers) {
                String id = buffer.id();
                try {
                    done.add(RefusalHints.on(id, whenRefused(id), () -> one(buffer)));
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

        private String before(List<BufferInfo> done) {
            return "; "
                    + verb().toLowerCase(Locale.ROOT)
                    + " before it: "
                    + ids.subList(0, done.size());
        }

        private int byFilter(ForebayClient client) {
            PrintWriter out = Shell.of(spec).out();
            BufferFilter filter = filters.filter(onDeleted());
            if (!force) {
                long count = client.count(filter);
                if (count == 0) {
                    out.println("No buffers found.");
                    return 0;
                }
                if (!isWanted(count)) {
                    out.println("Nothing " + verb().toLowerCase(Locale.ROOT) + ".");
                    return 0;
                }
            }
            long done = many(client, filter);
            out.println(verb() + " " + done + " buffers.");
            return 0;
        }

        private boolean isWanted(long count) {
            String question = "%s %d buffers? [y/N] ".formatted(verb().replaceAll("d$", ""), count);
            return Shell.of(spec)
                    .ask(question)
                    .map(answer -> answer.strip().equalsIgnoreCase("y"))
                    .orElseThrow(() ->
                            new IllegalArgumentException(
                                    "nothing was done to %d buffers, because there is no terminal to ask on; say --force to do it without being asked"
                                            .formatted(count)));
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
        String whenRefused(String id) {
            return "'forebay buffer purge " + id + "' removes its data for good";
        }

        @Override
        BufferInfo one(RemoteBuffer buffer) {
            return buffer.delete();
        }

        @Override
        long many(ForebayClient client, BufferFilter filter) {
            return client.deleteAll(filter);
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
        String whenRefused(String id) {
            return "only a deleted buffer can be restored";
        }

        @Override
        BufferInfo one(RemoteBuffer buffer) {
            return buffer.restore();
        }

        @Override
        long many(ForebayClient client, BufferFilter filter) {
            return client.restoreAll(filter);
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
        String whenRefused(String id) {
            return "run 'forebay buffer delete " + id + "' first";
        }

        @Override
        BufferInfo one(RemoteBuffer buffer) {
            return buffer.purge();
        }

        @Override
        long many(ForebayClient client, BufferFilter filter) {
            return client.purgeAll(filter);
        }
    }
}
