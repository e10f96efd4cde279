/** Runs of programs: their states, pipes and logs, and what an executor must do. */
module dev.forebay.run {
    requires static com.google.errorprone.annotations;
    requires transitive dev.forebay.base;
    requires transitive dev.forebay.blob;
    requires transitive dev.forebay.stream;
    requires static transitive org.jspecify;

    exports dev.forebay.run;
}
