package dev.forebay.run.process;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What is known of the processes of a run, kept in a file so that the next server finds them.
 *
 * @param mark the value of {@link #VARIABLE} in the environment of each
 * @param boot during which start of the system they run
 * @param supervisor the process that the others come from; empty until it was started
 */
record RunRecord(String mark, String boot, Optional<ProcessTable.Id> supervisor) {
    static final String VARIABLE = "FOREBAY_RUN_MARK";

    static RunRecord fresh(String boot) {
        return new RunRecord(UUID.randomUUID().toString(), boot, Optional.empty());
    }

    RunRecord withSupervisor(ProcessTable.Id process) {
        return new RunRecord(mark, boot, Optional.of(process));
    }

    /** The variable with its value. */
    String variable() {
        return VARIABLE + "=" + mark;
    }

    /** One line: mark, boot, and number and start of the supervisor. */
    String text() {
        return "%s %s%s\n"
                .formatted(
                        mark,
                        boot,
                        supervisor.map(id -> " " + id.pid() + " " + id.start()).orElse(""));
    }

    /** Empty if the text is not that of a record, as after a crash while it was written. */
    static Optional<RunRecord> parse(String text) {
        List<String> words = List.of(text.strip().split(" ", -1));
        boolean whole = text.endsWith("\n") && (words.size() == 2 || words.size() == 4);
        if (!whole) {
            return Optional.empty();
        }
        Optional<ProcessTable.Id> supervisor =
                words.size() == 2
                        ? Optional.empty()
                        : Optional.of(
                                new ProcessTable.Id(
                                        Long.parseLong(words.get(2)),
                                        Long.parseLong(words.get(3))));
        return Optional.of(new RunRecord(words.get(0), words.get(1), supervisor));
    }
}
