/** Append-only log of checksummed frames with group commit. */
module dev.forebay.journal {
    requires static com.google.errorprone.annotations;
    requires transitive dev.forebay.base;
    requires static transitive org.jspecify;

    exports dev.forebay.journal;
}
