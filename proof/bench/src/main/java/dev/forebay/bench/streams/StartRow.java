package dev.forebay.bench.streams;

import dev.forebay.bench.Figure;
import dev.forebay.bench.Figures;
import dev.forebay.bench.Run;
import dev.forebay.bench.Suite;
import dev.forebay.bench.Unit;
import java.util.Map;

/** How long a server takes until it listens, and a short command against it, as processes. */
final class StartRow implements Suite.Row {
    @Override
    public void measure(Run run) throws Exception {
        Figures ready = new Figures();
        Figures create = new Figures();
        int servers = run.scale().of(5, 1, 1);
        int creates = run.scale().of(10, 5, 1);
        for (int i = 0; i < servers; i++) {
            try (ServerProcess server = ServerProcess.start(run.forebay(), run.fresh("start"))) {
                ready.add(server.startUp().toNanos());
                Commands commands = new Commands(Map.of("FOREBAY_SERVER", server.uri().toString()));
                for (int k = 0; k < creates; k++) {
                    create.add(commands.time("'" + run.forebay() + "' buffer create").toNanos());
                }
            }
        }
        run.report(
                Figure.ours(
                                "server ready, from the launch of the script",
                                "–",
                                ready.percentileMillis(50),
                                Unit.MILLISECONDS)
                        .goal(1000));
        run.report(
                Figure.ours(
                                "`forebay buffer create`, whole process",
                                "–",
                                create.percentileMillis(50),
                                Unit.MILLISECONDS)
                        .goal(120));
    }
}
