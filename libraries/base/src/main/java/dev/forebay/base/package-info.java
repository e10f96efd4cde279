/**
 * What every room stands on: how durable an acknowledgement is ({@link
 * dev.forebay.base.Durability}), how large a thing is ({@link dev.forebay.base.ByteSize}), and the
 * two seams through which faults and time come in ({@link dev.forebay.base.Disk}, {@link
 * dev.forebay.base.Clock}).
 */
@NullMarked
package dev.forebay.base;

import org.jspecify.annotations.NullMarked;
