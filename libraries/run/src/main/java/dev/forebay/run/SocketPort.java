package dev.forebay.run;

import java.util.Optional;

/**
 * A TCP port on which the program listens, instead of opening the pipes of these parameters.
 *
 * @param port 1 to 65535
 * @param input name of the parameter whose bytes are sent to the port
 * @param output name of the parameter that takes what the port sends
 */
public record SocketPort(int port, Optional<String> input, Optional<String> output) {}
