package dev.forebay.datalog;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Trigger;

/**
 * How large pages become, and how much all of them may take: bytes on the disk, and bytes in memory
 * for what is known of them. Safe for use by many threads.
 */
final class PageLimit {
    /** The part of each that one page takes at the most. */
    private static final int SHARE = 8;

    private final Trigger<Void> trigger;
    private final long summaries;
    private volatile long allowance;

    PageLimit(DataLogSettings settings) {
        trigger = settings.page();
        summaries = settings.summaries().bytes();
        allowance = settings.allowance().bytes();
    }

    Trigger<Void> trigger() {
        return trigger;
    }

    /** Bytes of its files at which a page is complete, whatever its trigger says. */
    long bytes() {
        return allowance / SHARE;
    }

    /** Bytes of its summary at which a page is complete. */
    long summaryBytes() {
        return summaries / SHARE;
    }

    long allowance() {
        return allowance;
    }

    /** Whether the files of all pages are above the allowance, or the summaries above theirs. */
    boolean isExceeded(long bytes, long summaryBytes) {
        return bytes > allowance || summaryBytes > summaries;
    }

    /** Whether one of the two is above its limit by more than a page may take. */
    boolean isExceededByPage(long bytes, long summaryBytes) {
        return bytes > allowance + bytes() || summaryBytes > summaries + summaryBytes();
    }

    void allowance(ByteSize bytes) {
        DataLogSettings.checkAllowance(bytes);
        allowance = bytes.bytes();
    }
}
