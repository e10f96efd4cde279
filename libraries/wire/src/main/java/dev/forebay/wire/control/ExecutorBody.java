package dev.forebay.wire.control;

import java.util.List;

/**
 * What the executor of a server is and can do.
 *
 * @param name such as {@code process}
 * @param isolation what keeps a program and its processes apart
 * @param features what it can do, such as {@code images}; what is missing it cannot
 */
public record ExecutorBody(String name, String isolation, List<String> features) {}
