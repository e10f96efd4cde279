package dev.forebay.journal;

import dev.forebay.base.Closing;
import dev.forebay.base.DiskFile;
import dev.forebay.base.DiskMapping;
import java.io.IOException;

/**
 * A segment that frames can be stored into: its file is open and mapped. {@link GroupCommit} closes
 * the file once it is synced, {@link PageWarmer} the mapping once it is full.
 *
 * @param fresh true if the file is new; false if it was a segment before, in which case its bytes
 *     may be in memory
 */
record MappedSegment(Segment segment, DiskFile file, DiskMapping mapping, boolean fresh) {
    /** Closes both, if neither was handed over. */
    void close() throws IOException {
        try (Closing both = new Closing()) {
            both.then(mapping::close);
            both.then(file::close);
        }
    }
}
