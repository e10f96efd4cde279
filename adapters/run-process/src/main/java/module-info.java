/** Runs as processes of the operating system. */
module dev.forebay.run.process {
    requires static com.google.errorprone.annotations;
    requires static transitive org.jspecify;
    requires transitive dev.forebay.run;

    exports dev.forebay.run.process;
}
