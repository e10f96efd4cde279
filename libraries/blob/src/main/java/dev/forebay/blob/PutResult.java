package dev.forebay.blob;

import dev.forebay.base.Durability;

/** How a put ended. Anything else is a {@link ContainerException}. */
public sealed interface PutResult {
    /**
     * The blob came into being by this call and is as durable as said.
     *
     * @param blob what came into being
     * @param durability what survives from now on
     */
    record Created(BlobInfo blob, Durability durability) implements PutResult {}

    /**
     * The name was taken, by the same bytes or others; nothing was changed. What has the name is
     * durable as said.
     *
     * @param durability what survives from now on
     */
    record Exists(Durability durability) implements PutResult {}

    /**
     * The body was not what was announced; nothing was created.
     *
     * @param expected what was announced
     * @param actual what came
     */
    record DigestMismatch(Md5 expected, Md5 actual) implements PutResult {}
}
