/** Containers of write-once blobs. */
module dev.forebay.blob {
    requires static com.google.errorprone.annotations;
    requires transitive dev.forebay.base;
    requires static transitive org.jspecify;

    exports dev.forebay.blob;

    uses dev.forebay.blob.Md5Lanes;
}
