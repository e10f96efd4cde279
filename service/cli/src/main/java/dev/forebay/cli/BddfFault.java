package dev.forebay.cli;

import dev.forebay.base.DamagedException;
import dev.forebay.bddf.BddfException;
import java.io.IOException;
import java.nio.file.Path;

/** What a command says of a BDDF file that cannot be read: which one, and what to do. */
final class BddfFault {
    private BddfFault() {}

    /** Reading a BDDF file. */
    interface Reading<R> {
        R read() throws IOException;
    }

    /**
     * Reads {@code file}.
     *
     * @throws IOException if it is no BDDF file
     * @throws DamagedException if it is cut or damaged
     */
    static <R> R named(Path file, Reading<R> reading) throws IOException {
        try {
            return reading.read();
        } catch (BddfException e) {
            if (e.fault() == BddfException.Fault.NOT_BDDF) {
                throw new IOException(
                        "'%s': %s; 'forebay log download' writes one"
                                .formatted(file, e.getMessage()),
                        e);
            }
            throw new DamagedException(
                    "'%s' is damaged: %s; 'forebay log recover --file FILE' keeps what is whole"
                            .formatted(file, e.getMessage()),
                    e);
        }
    }
}
