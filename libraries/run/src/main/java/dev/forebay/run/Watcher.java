package dev.forebay.run;

/** Takes what an executor observes. */
@FunctionalInterface
public interface Watcher {
    /**
     * Takes one observation; may block. The observations of a run come in order, one at a time,
     * those of several runs side by side, on threads of the executor. If this throws, the executor
     * calls it again with the same observation later, until it returns or the executor is closed.
     *
     * @param run its number
     * @param observation what is new
     */
    void observed(long run, Observation observation);
}
