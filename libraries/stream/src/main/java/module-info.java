/** Write-once byte streams on containers of blobs. */
module dev.forebay.stream {
    requires static com.google.errorprone.annotations;
    requires transitive dev.forebay.base;
    requires transitive dev.forebay.blob;
    requires static transitive org.jspecify;

    exports dev.forebay.stream;
}
