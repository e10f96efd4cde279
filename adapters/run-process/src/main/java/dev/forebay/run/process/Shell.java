package dev.forebay.run.process;

import dev.forebay.run.Invocation;
import dev.forebay.run.RunRefusedException;
import java.util.OptionalLong;
import java.util.TreeMap;

/** The two scripts of a run, for {@code sh}. */
final class Shell {
    /**
     * The supervisor. Its arguments are the program's command line. It starts the program in a
     * session of its own, waits for it and ends with its status. Its standard input is a pipe from
     * the server, in which nothing is ever written: it ends when the server does, however that
     * ends, and then the program is killed.
     */
    static final String SUPERVISOR =
            """
            exec 3<&0 </dev/null
            "$@" 3<&- &
            program=$!
            {
                read -r nothing
                kill -KILL -$program $program
            } <&3 >/dev/null 2>&1 &
            watch=$!
            exec 3<&- >/dev/null 2>&1
            wait $program
            status=$?
            kill -KILL $watch
            exit $status
            """;

    private Shell() {}

    /**
     * The program: limits, directory, environment and command. The environment is handed over by
     * {@code env}, as a shell adds variables of its own and cannot set names with a hyphen.
     *
     * @param env path of the tool
     * @param mark a variable with its value, for the processes of the run
     * @param memory limit of the address space in bytes
     * @throws RunRefusedException if there is no command, or one that {@code env} cannot start
     */
    static String program(
            String env, String mark, Invocation invocation, String directory, OptionalLong memory) {
        if (invocation.words().isEmpty()) {
            throw new RunRefusedException(
                    "the codespec has no command, and the process executor ignores the image that"
                            + " may name one; add a command");
        }
        if (invocation.words().getFirst().contains("=")) {
            throw new RunRefusedException(
                    "the process executor cannot start a command whose name contains '=': "
                            + invocation.words().getFirst());
        }
        StringBuilder script = new StringBuilder("ulimit -c 0\n");
        memory.ifPresent(bytes -> script.append("ulimit -v ").append(bytes / 1024).append('\n'));
        script.append("cd ").append(quoted(directory)).append(" || exit 126\n");
        script.append("exec ").append(quoted(env)).append(" -i ").append(quoted(mark));
        new TreeMap<>(invocation.env())
                .forEach((name, value) -> script.append(' ').append(quoted(name + "=" + value)));
        invocation.words().forEach(word -> script.append(' ').append(quoted(word)));
        return script.append('\n').toString();
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
