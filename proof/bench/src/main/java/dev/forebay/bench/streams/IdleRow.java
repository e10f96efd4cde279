package dev.forebay.bench.streams;

import dev.forebay.bench.Figure;
import dev.forebay.bench.Run;
import dev.forebay.bench.Suite;
import dev.forebay.bench.Unit;

/**
 * Many idle followers of one buffer: what they cost the server, and how long their wake-up takes.
 * The yardstick is what they cost when they poll every 500 ms, as the reference client does once it
 * has waited for a second.
 */
final class IdleRow implements Suite.Row {
    @Override
    public void measure(Run run) throws Exception {
        int count = run.scale().of(1000, 1000, 20);
        int seconds = run.scale().of(10, 1, 1);
        int rounds = run.scale().of(3, 1, 1);
        try (ServerProcess server = ServerProcess.start(run.forebay(), run.fresh("idle"))) {
            Followers followers = new Followers(server);
            report(run, count + " idle followers", followers.idle(count, seconds, rounds, true));
            if (run.scale().of(1, 0, 1) == 1) {
                report(
                        run,
                        count + " polling followers",
                        followers.idle(count, seconds, rounds, false));
            }
        }
    }

    private static void report(Run run, String what, Followers.Idle idle) {
        run.report(
                Figure.ours(
                        what + ", wake-up p50",
                        "–",
                        idle.wake().percentileMillis(50),
                        Unit.MILLISECONDS));
        run.report(
                Figure.ours(
                        what + ", server's memory",
                        "–",
                        (double) idle.residentMiB(),
                        Unit.MEBIBYTES));
        run.note("%s: %s".formatted(what, idle));
    }
}
