package dev.forebay.run.process;

import dev.forebay.base.Clock;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The processes of one run: those with its mark in their environment, its supervisor, all
 * descendants of these, and those in its control group if it has one.
 *
 * <p><b>Guarantee.</b> A process is ended only if its number and start time are those under which
 * it was found, and it was found by its mark, its parent, its control group, or a record with its
 * start time. A number that was given to another process meanwhile ends nothing. {@link #kill}
 * returns when none is left, and no group.
 *
 * <p><b>Limit.</b> A process that empties its environment and outlives its parent is not found:
 * only a PID namespace or a control group holds such a one. Blocks the calling thread.
 */
record RunProcesses(RunRecord record, Optional<ControlGroups> groups) {
    /** How long the kernel may take to end a process. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Duration PAUSE = Duration.ofMillis(5);

    /** The processes that run now. */
    Set<ProcessTable.Id> find() throws IOException {
        return members().values().stream().map(ProcessTable.Entry::id).collect(Collectors.toSet());
    }

    /** By number. */
    private Map<Long, ProcessTable.Entry> members() throws IOException {
        List<ProcessTable.Entry> all = ProcessTable.all();
        Set<Long> grouped =
                Set.copyOf(groups.isEmpty() ? Set.of() : groups.get().processes(record));
        Map<Long, ProcessTable.Entry> members = new HashMap<>();
        for (ProcessTable.Entry entry : all) {
            if (isSupervisor(entry)
                    || grouped.contains(entry.id().pid())
                    || ProcessTable.hasVariable(entry.id().pid(), record.variable())) {
                members.put(entry.id().pid(), entry);
            }
        }
        boolean grew = !members.isEmpty();
        while (grew) {
            grew = false;
            for (ProcessTable.Entry entry : all) {
                if (members.containsKey(entry.parent())
                        && members.putIfAbsent(entry.id().pid(), entry) == null) {
                    grew = true;
                }
            }
        }
        return members;
    }

    private boolean isSupervisor(ProcessTable.Entry entry) throws IOException {
        return record.supervisor().equals(Optional.of(entry.id()))
                && record.boot().equals(ProcessTable.boot());
    }

    /**
     * Asks the program and its descendants to end, with the signal TERM. The supervisor is not
     * asked: it ends with the program.
     *
     * @param asked those that were asked already, to which the new ones are added
     */
    void terminate(Set<ProcessTable.Id> asked) throws IOException {
        Map<Long, ProcessTable.Entry> members = members();
        long session =
                record.supervisor()
                        .map(id -> members.get(id.pid()))
                        .map(ProcessTable.Entry::session)
                        .orElse(-1L);
        for (ProcessTable.Entry entry : members.values()) {
            if (entry.session() != session && asked.add(entry.id())) {
                signal(entry.id(), false);
            }
        }
    }

    /** Ends all processes, with the signal KILL, also those that are made meanwhile. */
    void kill(Clock clock) throws IOException, InterruptedException {
        long deadline = clock.deadline(PATIENCE);
        for (Set<ProcessTable.Id> left = ended(); left != null; left = ended()) {
            for (ProcessTable.Id id : left) {
                signal(id, true);
            }
            if (deadline - clock.nanos() <= 0) {
                throw new IOException(
                        "processes %s were killed %d seconds ago and have not ended; see why the kernel holds them"
                                .formatted(
                                        left.stream().map(ProcessTable.Id::pid).toList(),
                                        PATIENCE.toSeconds()));
            }
            clock.sleep(PAUSE);
        }
    }

    /** The processes that are left once the group was ended; null if there is nothing. */
    private @Nullable Set<ProcessTable.Id> ended() throws IOException {
        if (groups.isPresent()) {
            groups.get().kill(record);
        }
        Set<ProcessTable.Id> left = find();
        boolean gone = left.isEmpty() && (groups.isEmpty() || groups.get().remove(record));
        return gone ? null : left;
    }

    /**
     * The handle knows the start time of the process that has the number now, and the Java library
     * compares it again before it sends the signal.
     */
    private static void signal(ProcessTable.Id id, boolean kill) throws IOException {
        Optional<ProcessHandle> handle = ProcessHandle.of(id.pid());
        Optional<ProcessTable.Entry> now = ProcessTable.find(id.pid());
        if (handle.isPresent() && now.isPresent() && now.get().id().equals(id)) {
            boolean _ = kill ? handle.get().destroyForcibly() : handle.get().destroy();
        }
    }
}
