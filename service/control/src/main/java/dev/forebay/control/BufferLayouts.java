package dev.forebay.control;

import java.util.Optional;

/**
 * Where the blocks of buffers begin, as it was measured once: bytes of the stream library, whose
 * meaning the catalogue does not know.
 *
 * <p><b>Guarantee.</b> What {@link #keep} returns from is committed, and goes with its buffer.
 *
 * <p><b>Limit.</b> A container that no buffer of the catalogue has keeps nothing. What is found may
 * be of another content, if the containers were put back from a backup: the reader checks it.
 *
 * <p>Safe for use by many threads; blocks on the database. A refusal is a {@link ControlException}.
 */
public final class BufferLayouts {
    private final Database database;

    public BufferLayouts(Database database) {
        this.database = database;
    }

    /** What was kept last for buffer {@code id}. */
    public Optional<byte[]> find(String id) {
        return database.read(handle ->
                handle.createQuery("select layout from buffer_layouts where buffer_id = :id")
                        .bind("id", id)
                        .map((found, _) -> found.getBytes(1))
                        .findOne());
    }

    /** Keeps {@code layout} in place of what was kept; without effect if there is no buffer. */
    public void keep(String id, byte[] layout) {
        int _ =
                database.write(handle ->
                        handle.createUpdate(
                                        """
                                        insert into buffer_layouts (buffer_id, layout)
                                        select b.id, :layout from buffers b where b.id = :id
                                        on conflict (buffer_id) do update
                                            set layout = excluded.layout\
                                        """)
                                .bind("id", id)
                                .bind("layout", layout)
                                .execute());
    }
}
