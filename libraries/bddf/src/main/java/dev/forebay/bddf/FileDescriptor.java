package dev.forebay.bddf;

import java.util.Map;

/**
 * What the first block of a file says of all of it.
 *
 * @param annotations free pairs of key and value
 * @param checksum what protects the file as a whole
 */
public record FileDescriptor(Map<String, String> annotations, Checksum checksum) {
    /** Copies the annotations. */
    public FileDescriptor {
        annotations = Map.copyOf(annotations);
    }
}
