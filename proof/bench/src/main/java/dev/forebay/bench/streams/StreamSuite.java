package dev.forebay.bench.streams;

import dev.forebay.bench.Suite;

/** A buffer through a server, as processes: {@code --forebay=SCRIPT} names the build. */
public final class StreamSuite {
    private StreamSuite() {}

    public static void main(String[] arguments) throws Exception {
        new Suite()
                .row("start", new StartRow())
                .row("throughput", new ThroughputRow())
                .row("transfer-2", new TransferRow(2, TransferRow.Memory.IN_USE))
                .row("transfer-4", new TransferRow(4, TransferRow.Memory.IN_USE))
                .row("transfer-4-freed", new TransferRow(4, TransferRow.Memory.FREED))
                .row("small", new SmallBlocksRow())
                .row("trickle", new TrickleRow())
                .row("slow-store", new SlowStoreRow())
                .row("lines", new LinesRow())
                .row("faults", new FaultsRow())
                .row("follower", new FollowerRow())
                .row("idle", new IdleRow())
                .main(arguments);
    }
}
