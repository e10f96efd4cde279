package dev.forebay.datalog.export;

import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;

/**
 * Writes what a BDDF file holds in another format. A page, a download, and a file of another writer
 * are all read.
 *
 * <p><b>Guarantee.</b> Every number keeps its value: 64-bit integers have all their digits, and
 * floating-point numbers the digits that lead back to the same bits. Every entry of the file is in
 * the output, one that cannot be decoded with its bytes as they are.
 *
 * <p><b>Limit.</b> The file is read once, from its beginning to its end, so its checksum is
 * compared only when everything is written; if it is wrong, a {@link
 * dev.forebay.bddf.BddfException} says so. Memory: one block of each signal, one chunk, and for
 * MCAP its index of about 100 bytes a MiB.
 *
 * <p>Blocks for the source and the target; each call is for one thread.
 */
public final class LogExport {
    private LogExport() {}

    /**
     * Writes files of comma-separated values into {@code folder}, which is made if it is not there:
     * {@code text.csv}, {@code comments.csv}, {@code events.csv}, {@code blobs.csv}, and one file
     * for each signal.
     *
     * @param bddf the file, read in order
     * @param folder takes the files
     * @return how many entries there were of each kind
     * @throws java.nio.file.FileAlreadyExistsException if a file is there already
     */
    public static ExportReport csv(ReadableByteChannel bddf, Path folder) throws IOException {
        try (CsvFolder target = new CsvFolder(folder)) {
            return new LogItems(bddf).writeTo(target);
        }
    }

    /**
     * Writes a JSON object for each entry and tick, each on a line of its own.
     *
     * @param bddf the file, read in order
     * @param target takes UTF-8; stays open
     * @return how many entries there were of each kind
     * @throws IOException if the file cannot be read or the target fails
     */
    public static ExportReport jsonLines(ReadableByteChannel bddf, WritableByteChannel target)
            throws IOException {
        try (JsonLines lines = new JsonLines(target)) {
            return new LogItems(bddf).writeTo(lines);
        }
    }

    /**
     * Writes an MCAP file with an index. {@code target} stays open.
     *
     * @param bddf the file, read in order
     * @param target takes the bytes in order
     * @return how many entries there were of each kind
     * @throws IOException if the file cannot be read or the target fails
     */
    public static ExportReport mcap(ReadableByteChannel bddf, WritableByteChannel target)
            throws IOException {
        try (McapItems file = new McapItems(target)) {
            return new LogItems(bddf).writeTo(file);
        }
    }
}
