/** What goes over HTTP between clients and the server. */
module dev.forebay.wire {
    requires transitive dev.forebay.base;
    requires static transitive org.jspecify;

    exports dev.forebay.wire;
}
