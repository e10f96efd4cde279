package dev.forebay.bddf;

import java.util.List;
import java.util.Map;

/**
 * What a file says of a series before its first block.
 *
 * @param index its number in the file, from 0 in the order of the descriptors
 * @param identifier its name
 * @param type what its blocks hold
 * @param annotations free pairs of key and value
 * @param additionalIndexNames names of the numbers that each block has beside its time
 * @param description for a person
 */
public record SeriesDescriptor(
        int index,
        SeriesIdentifier identifier,
        SeriesType type,
        Map<String, String> annotations,
        List<String> additionalIndexNames,
        String description) {
    /** Copies lists and maps. */
    public SeriesDescriptor {
        annotations = Map.copyOf(annotations);
        additionalIndexNames = List.copyOf(additionalIndexNames);
    }
}
