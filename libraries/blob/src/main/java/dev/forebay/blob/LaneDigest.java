package dev.forebay.blob;

import java.nio.ByteBuffer;

/** A digest that shares the runs of a {@link DigestScheduler} with other bodies. */
final class LaneDigest implements BodyDigest {
    private final DigestScheduler scheduler;
    private final Lane lane = new Lane();

    LaneDigest(DigestScheduler scheduler) {
        this.scheduler = scheduler;
    }

    @Override
    public void add(ByteBuffer piece) {
        scheduler.add(lane, piece.duplicate());
    }

    @Override
    public void settle() {
        scheduler.settle(lane);
    }

    @Override
    public Md5 finish() {
        scheduler.settle(lane);
        scheduler.drop(lane);
        return lane.finish();
    }

    @Override
    public void drop() {
        scheduler.drop(lane);
    }
}
