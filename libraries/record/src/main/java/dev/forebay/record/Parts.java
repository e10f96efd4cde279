package dev.forebay.record;

import dev.forebay.base.TriggerWatch;

/** What a broken twin replaces. */
class Parts<T> {
    RecordLog log(RecordLog log) {
        return log;
    }

    Holding<T> holding(TriggerWatch<T> watch, boolean asksLastRelease, boolean measures) {
        return new Holding<>(watch, asksLastRelease, measures);
    }

    Outgoing<T> outgoing() {
        return new Outgoing<>();
    }
}
