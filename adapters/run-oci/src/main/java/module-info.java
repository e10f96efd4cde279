/** Runs as containers of an OCI engine. */
module dev.forebay.run.oci {
    requires static com.google.errorprone.annotations;
    requires static transitive org.jspecify;
    requires transitive dev.forebay.run;
    requires tools.jackson.databind;

    exports dev.forebay.run.oci;
}
