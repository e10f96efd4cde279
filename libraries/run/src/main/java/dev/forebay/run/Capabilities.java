package dev.forebay.run;

/**
 * What an executor can do, so that the server can say so and refuse the rest in words.
 *
 * @param executor its name, such as {@code process}
 * @param isolation what keeps a program and its processes apart, in one word
 * @param images whether a program's image is used
 * @param sockets whether a program may listen instead of opening pipes
 * @param workers whether runs may be distributed
 * @param memoryLimits whether a limit on memory is enforced
 * @param processorLimits whether a limit on processors is enforced
 * @param gpus whether graphics processors can be asked for
 * @param outlivesServer whether a run goes on while the server is away
 */
public record Capabilities(
        String executor,
        String isolation,
        boolean images,
        boolean sockets,
        boolean workers,
        boolean memoryLimits,
        boolean processorLimits,
        boolean gpus,
        boolean outlivesServer) {}
