package dev.forebay.server;

/** Sentences that more than one face says. */
final class Words {
    static final String NO_SPACE = "the disk of the server is full; free space there and try again";
    static final String STOPPING = "the server is stopping; try again when it is back";
    static final String NO_MEMORY = "the server is out of memory; try again with fewer requests";
    static final String FAULT = "a fault of the server; its log has the Request-Id and the cause";

    private Words() {}
}
