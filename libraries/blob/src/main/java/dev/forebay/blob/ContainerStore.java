package dev.forebay.blob;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * A place that keeps containers by id. Safe for use by many threads; all methods may block. Faults
 * are {@link ContainerException}s.
 */
public interface ContainerStore extends AutoCloseable {
    /**
     * Whether {@code id} may name a container: 3 to 63 ASCII letters and digits.
     *
     * @param id any text
     * @return true if it may
     */
    static boolean isValidId(String id) {
        return id.length() >= 3
                && id.length() <= 63
                && id.chars()
                        .allMatch(c ->
                                c >= 'a' && c <= 'z'
                                        || c >= 'A' && c <= 'Z'
                                        || c >= '0' && c <= '9');
    }

    /**
     * Creates an empty container, durably; false if it was there already.
     *
     * @param id a valid one
     * @return whether it was created
     */
    boolean create(String id);

    /**
     * {@return the container, or empty if there is none}
     *
     * @param id any text
     */
    Optional<Container> open(String id);

    /**
     * The names in the container {@code id} that {@code wanted} asks for, in order; those of
     * folders end with a slash.
     *
     * <p><b>Limit.</b> A name may be there that is not settled yet, and a folder whose blobs were
     * never acknowledged: {@link Container#head} decides what exists.
     *
     * @param id of a container that is there
     * @param wanted which of them, and how many
     * @return the names, in order
     */
    List<String> names(String id, Listing wanted);

    /**
     * Takes the container out of sight, durably and at once; its waiting readers are woken and told
     * that it is gone. Its files stay until {@link #removeSetAside}. False if there is none.
     *
     * @param id any text
     * @return whether it was there
     */
    boolean setAside(String id);

    /**
     * Deletes the files of everything set aside, also by an earlier process. What another call is
     * deleting is left to it.
     *
     * @param ending asked before each file; if true, the rest is left to a later call
     */
    void removeSetAside(BooleanSupplier ending);

    /** The same, to the end. */
    default void removeSetAside() {
        removeSetAside(() -> false);
    }

    /**
     * Passes the ids of all containers, in no particular order, to {@code visitor} until it returns
     * false.
     *
     * @param visitor takes an id, and returns false to end it
     * @return false if the visitor ended it
     */
    boolean visit(Predicate<? super String> visitor);

    /** {@return the ids of all containers, in order} */
    default List<String> list() {
        List<String> ids = new ArrayList<>();
        visit(ids::add);
        ids.sort(null);
        return ids;
    }

    /** Wakes all waiters and refuses further use. */
    @Override
    void close();
}
