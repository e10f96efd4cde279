package dev.forebay.run.process;

/** What keeps the processes of a run together, and apart from others. */
public enum Isolation {
    /** bubblewrap: a PID namespace, and the data directory cannot be seen. */
    BUBBLEWRAP("bubblewrap"),

    /** A PID namespace: the kernel ends all processes of a run with its first. */
    NAMESPACE("pid-namespace"),

    /** A mark in the environment, by which the processes of a run are found and ended. */
    MARK("mark");

    private final String text;

    Isolation(String text) {
        this.text = text;
    }

    /** {@return the word in the metadata} */
    public String text() {
        return text;
    }
}
