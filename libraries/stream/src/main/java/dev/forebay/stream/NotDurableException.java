package dev.forebay.stream;

import dev.forebay.base.Durability;
import dev.forebay.blob.BlobName;

/** The container stored a blob but promises less durability than was demanded. */
public final class NotDurableException extends BufferException {
    NotDurableException(BlobName name, Durability given, Durability demanded) {
        super(
                "blob "
                        + name
                        + " is only "
                        + given.word()
                        + ", "
                        + demanded.word()
                        + " was demanded; the other side promises no more: demand less, or write"
                        + " elsewhere");
    }
}
