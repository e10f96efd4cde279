package dev.forebay.bench.record;

import dev.forebay.base.Durability;
import dev.forebay.bench.Suite;

/** The record buffer's rows: in memory beside a list, a lock and a timer, and on a journal. */
public final class RecordSuite {
    private RecordSuite() {}

    public static void main(String[] arguments) throws Exception {
        new Suite()
                .row("lists-11", new ListRow(11))
                .row("lists-101", new ListRow(101))
                .row("age", new AgeRow())
                .row("lockstep", new LockstepRow(Durability.WRITTEN, true))
                .row("lockstep-100", new LockstepRow(Durability.WRITTEN, false))
                .row("lockstep-synced", new LockstepRow(Durability.SYNCED, false))
                .row("reopen", new ReopenRow(false))
                .rowAlone("reopen-million", new ReopenRow(true))
                .main(arguments);
    }
}
