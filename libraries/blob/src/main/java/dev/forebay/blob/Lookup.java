package dev.forebay.blob;

/** The answer to "get, waiting for it". */
public sealed interface Lookup {
    /**
     * It is there, {@link dev.forebay.base.Durability#SYNCED}; to be closed by the caller.
     *
     * @param blob whose body is read from it
     */
    record Found(OpenBlob blob) implements Lookup {}

    /**
     * It is not there.
     *
     * @param waited whether the other side honoured the wish to wait; if not, the caller has to
     *     poll
     */
    record Absent(boolean waited) implements Lookup {}
}
