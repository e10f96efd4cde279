package dev.forebay.blobhttp;

/**
 * What a request names.
 *
 * @param place where its server is
 * @param authority host and port as the URL has them, for the header {@code Host}
 * @param path the path and the query, both encoded, beginning with a slash
 */
record Target(Place place, String authority, String path) {}
