package dev.forebay.run;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is to be executed, with its variables not yet replaced.
 *
 * @param image of a container; executors without images ignore it
 * @param command empty: what the image says; an executor without images refuses that
 * @param args further arguments
 * @param env variables beside those of the pipes, by their names
 * @param workingDirectory empty: the image's, or the run's own
 * @param parameters the buffers that it takes
 * @param sockets ports that stand for pipes
 * @param resources what it may use
 * @param identity the cloud identity to run as
 */
public record Program(
        Optional<String> image,
        List<String> command,
        List<String> args,
        Map<String, String> env,
        Optional<String> workingDirectory,
        List<Parameter> parameters,
        List<SocketPort> sockets,
        Resources resources,
        Optional<String> identity) {

    /** Copies lists and maps, and checks that names are there once. */
    public Program {
        command = List.copyOf(command);
        args = List.copyOf(args);
        env = Map.copyOf(env);
        parameters = List.copyOf(parameters);
        sockets = List.copyOf(sockets);
        long names = parameters.stream().map(Parameter::name).distinct().count();
        if (names != parameters.size()) {
            throw new IllegalArgumentException("two parameters have one name: " + parameters);
        }
        command.forEach(text -> check("an element of the command", text));
        args.forEach(text -> check("an argument", text));
        env.forEach(Program::checkVariable);
    }

    /**
     * A program with a command and parameters, and nothing else.
     *
     * @param command the executable and its arguments
     * @param parameters the buffers that it takes
     * @return that program
     */
    public static Program of(List<String> command, List<Parameter> parameters) {
        return new Program(
                Optional.empty(),
                command,
                List.of(),
                Map.of(),
                Optional.empty(),
                parameters,
                List.of(),
                Resources.UNSPECIFIED,
                Optional.empty());
    }

    private static void checkVariable(String name, String value) {
        check("the name of an environment variable", name);
        check("environment variable " + name, value);
        if (name.isEmpty() || name.contains("=")) {
            throw new IllegalArgumentException(
                    "the name of an environment variable is neither empty nor has a '=': '"
                            + name
                            + "'");
        }
    }

    private static void check(String what, String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(what + " must not contain the character U+0000");
        }
    }

    /**
     * The same with other variables.
     *
     * @param other by their names
     * @return another program
     */
    public Program withEnv(Map<String, String> other) {
        return new Program(
                image,
                command,
                args,
                other,
                workingDirectory,
                parameters,
                sockets,
                resources,
                identity);
    }

    /**
     * The same with other arguments.
     *
     * @param other behind the command
     * @return another program
     */
    public Program withArgs(List<String> other) {
        return new Program(
                image,
                command,
                other,
                env,
                workingDirectory,
                parameters,
                sockets,
                resources,
                identity);
    }

    /**
     * The same with other resources.
     *
     * @param other what it may use
     * @return another program
     */
    public Program withResources(Resources other) {
        return new Program(
                image, command, args, env, workingDirectory, parameters, sockets, other, identity);
    }

    /**
     * The same with other ports.
     *
     * @param other that stand for pipes
     * @return another program
     */
    public Program withSockets(List<SocketPort> other) {
        return new Program(
                image,
                command,
                args,
                env,
                workingDirectory,
                parameters,
                other,
                resources,
                identity);
    }

    /**
     * Replaces {@code $(NAME)} in command, arguments and values of the environment.
     *
     * <p>The environment is the program's own and one variable a pipe. In its values {@code
     * $(NAME)} stands for the value as it was given; in command and arguments for the value that
     * the program sees. A name that is unknown stays as it is, {@code $$(NAME)} becomes {@code
     * $(NAME)}, and what was put in is not looked at again.
     *
     * @param pipes paths by the name of the parameter
     * @return what the operating system is given
     */
    public Invocation resolve(Map<String, String> pipes) {
        Map<String, String> given = new LinkedHashMap<>(env);
        for (Parameter parameter : parameters) {
            String path = pipes.get(parameter.name());
            if (path != null) {
                given.put(parameter.variable(), path);
            }
        }
        Map<String, String> seen = new HashMap<>();
        given.forEach((name, value) -> seen.put(name, Variables.expand(value, given)));
        return new Invocation(
                command.stream().map(text -> Variables.expand(text, seen)).toList(),
                args.stream().map(text -> Variables.expand(text, seen)).toList(),
                Map.copyOf(seen));
    }
}
