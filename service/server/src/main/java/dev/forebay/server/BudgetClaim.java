package dev.forebay.server;

import dev.forebay.base.Clock;
import dev.forebay.base.MemoryBudget;
import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import java.time.Duration;

/** Memory that a request claimed; closing it gives the memory back. For one thread. */
final class BudgetClaim implements AutoCloseable {
    /** Claimed for a body while it moves: what the HTTP library and the channel hold of it. */
    static final int ROOM_OF_BODY = AnswerBody.GATHERED;

    /** How long a request waits for others to give back what they claimed. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    private final MemoryBudget memory;
    private long bytes;

    private BudgetClaim(MemoryBudget memory, long bytes) {
        this.memory = memory;
        this.bytes = bytes;
    }

    /**
     * Claims {@code bytes}, and waits for them up to {@link #PATIENCE}.
     *
     * @throws dev.forebay.base.NotEnoughMemoryException if they are not free by then
     */
    static BudgetClaim of(MemoryBudget memory, String what, long bytes, Clock clock) {
        try {
            memory.awaitFirst(what, bytes, clock, PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ContainerException(
                    Fault.CLOSED, "interrupted while waiting for memory for " + what, e);
        }
        return new BudgetClaim(memory, bytes);
    }

    /** Claims {@code more} bytes if they are free now. */
    boolean grow(long more) {
        boolean granted = memory.claim(more);
        bytes += granted ? more : 0;
        return granted;
    }

    @Override
    public void close() {
        memory.release(bytes);
    }
}
