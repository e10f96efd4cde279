/** Tiny shared values, and the two seams through which time and faults come in. */
module dev.forebay.base {
    requires static com.google.errorprone.annotations;
    requires jdk.management;
    requires static transitive org.jspecify;

    exports dev.forebay.base;
}
