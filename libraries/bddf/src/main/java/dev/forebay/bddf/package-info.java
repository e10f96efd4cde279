/**
 * Reads, writes and repairs BDDF files, version 1.0.0: timestamped blocks in named series, with an
 * index and a checksum at the end. {@link dev.forebay.bddf.BddfWriter}, {@link
 * dev.forebay.bddf.BddfStream} and {@link dev.forebay.bddf.BddfFile} are where to begin.
 *
 * <p>The facts of the format are those of the Spot SDK 5.1: where its prose and its programs
 * differ, files contain what the programs write.
 */
@NullMarked
package dev.forebay.bddf;

import org.jspecify.annotations.NullMarked;
