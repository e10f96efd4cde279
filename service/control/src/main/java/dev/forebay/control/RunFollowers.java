package dev.forebay.control;

import dev.forebay.base.Clock;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Who waits for changes of which run. Safe for use by many threads; never blocks for long. */
final class RunFollowers {
    /** Changed in whole entries only, each by one thread at a time. */
    private final Map<Long, Set<RunFollower>> followers = new ConcurrentHashMap<>();

    private final Clock clock;

    RunFollowers(Clock clock) {
        this.clock = clock;
    }

    RunFollower follow(long id) {
        RunFollower[] made = new RunFollower[1];
        RunFollower follower = new RunFollower(clock, () -> leave(id, made[0]));
        made[0] = follower;
        followers.compute(
                id,
                (_, found) -> {
                    Set<RunFollower> all = found == null ? new HashSet<>() : found;
                    all.add(follower);
                    return all;
                });
        return follower;
    }

    private void leave(long id, RunFollower follower) {
        followers.computeIfPresent(
                id,
                (_, all) -> {
                    all.remove(follower);
                    return all.isEmpty() ? null : all;
                });
    }

    void changed(long id) {
        followers.computeIfPresent(
                id,
                (_, all) -> {
                    all.forEach(RunFollower::changed);
                    return all;
                });
    }
}
