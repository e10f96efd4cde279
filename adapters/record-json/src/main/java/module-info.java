/** Records as JSON, with id and create_at. */
module dev.forebay.record.json {
    requires static com.google.errorprone.annotations;
    requires static transitive org.jspecify;
    requires transitive dev.forebay.record;
    requires tools.jackson.databind;

    exports dev.forebay.record.json;
}
