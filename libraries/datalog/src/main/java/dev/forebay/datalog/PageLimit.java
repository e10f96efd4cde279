package dev.forebay.datalog;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Trigger;

/** How large pages become, and how much all of them may take. Safe for use by many threads. */
final class PageLimit {
    /** The part of the allowance that one page takes at the most. */
    private static final int SHARE = 8;

    private final Trigger<Void> trigger;
    private volatile long allowance;

    PageLimit(DataLogSettings settings) {
        trigger = settings.page();
        allowance = settings.allowance().bytes();
    }

    Trigger<Void> trigger() {
        return trigger;
    }

    /** Bytes of its files at which a page is complete, whatever its trigger says. */
    long bytes() {
        return allowance / SHARE;
    }

    long allowance() {
        return allowance;
    }

    void allowance(ByteSize bytes) {
        DataLogSettings.checkAllowance(bytes);
        allowance = bytes.bytes();
    }
}
