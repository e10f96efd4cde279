package dev.forebay.blob;

import java.nio.ByteBuffer;

/** A digest that shares the runs of a {@link DigestScheduler} with other bodies. */
final class LaneDigest implements BodyDigest {
    private final DigestScheduler scheduler;
    private final Lane lane = new Lane();
    private boolean ended;

    LaneDigest(DigestScheduler scheduler) {
        this.scheduler = scheduler;
        scheduler.begin();
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
        drop();
        return lane.finish();
    }

    @Override
    public void drop() {
        if (!ended) {
            ended = true;
            scheduler.drop(lane);
        }
    }
}
