package dev.forebay.record;

import dev.forebay.base.TriggerWatch;

/** What a broken twin replaces. */
class Parts<T> {
    RecordLog log(RecordLog log) {
        return log;
    }

    Holding<T> holding(TriggerWatch<T> watch, boolean asksLastRelease) {
        return new Holding<>(watch, asksLastRelease);
    }

    Outgoing<T> outgoing() {
        return new Outgoing<>();
    }
}
