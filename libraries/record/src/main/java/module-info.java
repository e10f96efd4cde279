/** Record buffers: hold records until a trigger, lose none. */
module dev.forebay.record {
    requires static com.google.errorprone.annotations;
    requires static transitive org.jspecify;
    requires transitive dev.forebay.base;
    requires transitive dev.forebay.journal;

    exports dev.forebay.record;
    exports dev.forebay.record.outlet;
}
