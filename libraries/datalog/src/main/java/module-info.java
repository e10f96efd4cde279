/** A robot's log: timestamped messages on channels, in pages under an allowance. */
module dev.forebay.datalog {
    requires static com.google.errorprone.annotations;
    requires static transitive org.jspecify;
    requires transitive dev.forebay.base;
    requires transitive dev.forebay.bddf;
    requires dev.forebay.journal;

    exports dev.forebay.datalog;
}
