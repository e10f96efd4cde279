package dev.forebay.datalog;

import dev.forebay.base.Clock;
import dev.forebay.base.Durability;
import dev.forebay.base.NoSpaceException;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Takes entries into the pages of their lanes.
 *
 * <p><b>Guarantee.</b> Each entry of a call that is not refused is taken and counted, and as
 * durable as was demanded when the call returns. A refusal has a reason.
 *
 * <p><b>Limit.</b> An entry that is refused because the disk failed may be there all the same.
 *
 * <p>Safe for use by many threads, while the log is open. Blocks for the disk, and while pages are
 * removed to make room.
 */
final class Intake {
    private final Clock clock;
    private final Catalogue catalogue;
    private final Map<Kind.Lane, LaneWriter> lanes;
    private final Keeper keeper;
    private final PageLimit limit;

    /** How many entries were taken since the log was made. */
    private final AtomicLong taken;

    Intake(
            Clock clock,
            Catalogue catalogue,
            Map<Kind.Lane, LaneWriter> lanes,
            Keeper keeper,
            PageLimit limit,
            AtomicLong taken) {
        this.clock = clock;
        this.catalogue = catalogue;
        this.lanes = lanes;
        this.keeper = keeper;
        this.limit = limit;
        this.taken = taken;
    }

    /** As {@link DataLog#record} says. */
    Recorded record(List<? extends Entry> entries, Durability demanded) throws IOException {
        Preparation preparation = new Preparation(catalogue::schema, now());
        List<Preparation.Block> blocks = preparation.prepare(entries);
        List<Refusal> refusals = preparation.refusals();
        if (!blocks.isEmpty() && !keeper.awaitRoom()) {
            refuse(
                    blocks,
                    Refusal.Reason.FULL,
                    "the log takes %d bytes of the %d it is allowed, and nothing may go; raise the allowance or delete pages"
                            .formatted(keeper.bytes(), limit.allowance()),
                    refusals);
        } else {
            write(blocks, demanded, refusals);
        }
        refusals.sort(Comparator.comparingInt(Refusal::index));
        catalogue.refused(refusals);
        return new Recorded(
                demanded == Durability.SYNCED ? Durability.SYNCED : Durability.WRITTEN, refusals);
    }

    private long now() {
        Instant wall = clock.wall();
        return TimeUnit.SECONDS.toNanos(wall.getEpochSecond()) + wall.getNano();
    }

    private static void refuse(
            List<Preparation.Block> blocks,
            Refusal.Reason reason,
            String message,
            List<Refusal> refusals) {
        for (Preparation.Block block : blocks) {
            for (int index : block.indexes()) {
                refusals.add(new Refusal(index, reason, message));
            }
        }
    }

    private void write(
            List<Preparation.Block> blocks, Durability demanded, List<Refusal> refusals) {
        Collection<List<Preparation.Block>> parts = byLane(blocks);
        List<Runnable> syncs = new ArrayList<>(0);
        boolean wake = false;
        for (List<Preparation.Block> part : parts) {
            LaneWriter.Written where = write(part, refusals);
            if (where != null) {
                wake |= where.wake();
                if (demanded == Durability.SYNCED) {
                    syncs.add(() -> sync(part, where, refusals));
                }
            }
        }
        if (wake) {
            keeper.wake();
        }
        syncs.forEach(Runnable::run);
    }

    /** The blocks of each lane; those of most calls are all of one. */
    private static Collection<List<Preparation.Block>> byLane(List<Preparation.Block> blocks) {
        if (blocks.isEmpty()) {
            return List.of();
        }
        Kind.Lane first = lane(blocks.getFirst());
        for (Preparation.Block block : blocks) {
            if (lane(block) != first) {
                return blocks.stream()
                        .collect(
                                Collectors.groupingBy(
                                        Intake::lane,
                                        () -> new EnumMap<>(Kind.Lane.class),
                                        Collectors.toList()))
                        .values();
            }
        }
        return List.of(blocks);
    }

    private static Kind.Lane lane(Preparation.Block block) {
        return block.key().kind().lane();
    }

    /** Writes blocks of one lane; null if they are refused. */
    private LaneWriter.@Nullable Written write(
            List<Preparation.Block> blocks, List<Refusal> refusals) {
        try {
            LaneWriter writer = Objects.requireNonNull(lanes.get(lane(blocks.getFirst())));
            LaneWriter.Written written = writer.write(blocks);
            for (Preparation.Block block : blocks) {
                taken.addAndGet(block.indexes().size());
            }
            return written;
        } catch (NoSpaceException e) {
            refuse(
                    blocks,
                    Refusal.Reason.FULL,
                    "the disk is full; the oldest page goes to make room, so try again",
                    refusals);
            keeper.diskIsFull();
        } catch (IOException e) {
            refuse(
                    blocks,
                    Refusal.Reason.FAILED,
                    "the disk failed: "
                            + e.getMessage()
                            + "; whether the entry is there is not known",
                    refusals);
            keeper.wake();
        }
        return null;
    }

    private void sync(
            List<Preparation.Block> blocks, LaneWriter.Written written, List<Refusal> refusals) {
        try {
            written.awaitSynced();
        } catch (IOException e) {
            refuse(
                    blocks,
                    Refusal.Reason.FAILED,
                    "the entry was written and could not be synced (%s); a power cut may take it"
                            .formatted(e.getMessage()),
                    refusals);
            keeper.wake();
        }
    }
}
