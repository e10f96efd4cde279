package dev.forebay.bench.record;

import static dev.forebay.base.Durability.SYNCED;
import static dev.forebay.base.Durability.WRITTEN;

import dev.forebay.bench.Suite;

/** The record buffer's rows: in memory beside a list, a lock and a timer, and on a journal. */
public final class RecordSuite {
    private RecordSuite() {}

    public static void main(String[] arguments) throws Exception {
        new Suite()
                .row("lists-11", new ListRow(11))
                .row("lists-101", new ListRow(101))
                .row("age", new AgeRow())
                .row("lockstep", new LockstepRow(WRITTEN, WRITTEN, true))
                .row("lockstep-100", new LockstepRow(WRITTEN, WRITTEN, false))
                .row("lockstep-synced", new LockstepRow(SYNCED, SYNCED, false))
                .rowAlone("lockstep-commits", new LockstepRow(SYNCED, WRITTEN, false))
                .row("reopen", new ReopenRow(false))
                .rowAlone("reopen-million", new ReopenRow(true))
                .main(arguments);
    }
}
