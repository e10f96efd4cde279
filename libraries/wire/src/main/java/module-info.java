/** What goes over HTTP between clients and the server. */
module dev.forebay.wire {
    requires static com.google.errorprone.annotations;
    requires transitive dev.forebay.base;
    requires com.fasterxml.jackson.annotation;
    requires tools.jackson.core;
    requires tools.jackson.databind;
    requires static transitive org.jspecify;

    exports dev.forebay.wire;
    exports dev.forebay.wire.control;
    exports dev.forebay.wire.data;
    exports dev.forebay.wire.log;

    opens dev.forebay.wire.control to
            tools.jackson.databind;
    opens dev.forebay.wire.log to
            tools.jackson.databind;
}
