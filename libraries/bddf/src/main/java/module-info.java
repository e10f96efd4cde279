/** The BDDF file format: files of timestamped blocks in named series. */
module dev.forebay.bddf {
    requires static com.google.errorprone.annotations;
    requires static transitive org.jspecify;
    requires transitive dev.forebay.base;

    exports dev.forebay.bddf;
}
