/**
 * A robot's log. {@link dev.forebay.datalog.DataLog} takes messages, comments, events, signals and
 * blobs, keeps them in BDDF pages under an allowance, and gives them back by time, channel and
 * kind.
 *
 * <p>Messages are kept as the bytes of Protocol Buffers in which they came; the numbers of the
 * fields that are read here are those of the Spot SDK 5.1.
 */
@NullMarked
package dev.forebay.datalog;

import org.jspecify.annotations.NullMarked;
