package dev.forebay.bench.streams;

import dev.forebay.bench.Figure;
import dev.forebay.bench.Figures;
import dev.forebay.bench.Run;
import dev.forebay.bench.Suite;
import dev.forebay.bench.Unit;

/** How long a follower waits for a byte: from the start of its PUT, at {@code SYNCED}. */
final class FollowerRow implements Suite.Row {
    @Override
    public void measure(Run run) throws Exception {
        try (ServerProcess server = ServerProcess.start(run.forebay(), run.fresh("follower"))) {
            Followers followers = new Followers(server);
            followers.one(run.scale().of(10_000, 300, 10));
            Figures arrival = followers.one(run.scale().of(1000, 200, 10));
            String what = "start of a PUT to the byte at its follower";
            run.report(
                    Figure.ours(
                            what + ", p50",
                            "SYNCED",
                            arrival.percentileMillis(50),
                            Unit.MILLISECONDS));
            run.report(
                    Figure.ours(
                                    what + ", p99",
                                    "SYNCED",
                                    arrival.percentileMillis(99),
                                    Unit.MILLISECONDS)
                            .goal(10));
        }
    }
}
