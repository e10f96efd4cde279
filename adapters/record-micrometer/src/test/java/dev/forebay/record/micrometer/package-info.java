/** The events and gauges of record buffers as Micrometer meters. */
@NullMarked
package dev.forebay.record.micrometer;

import org.jspecify.annotations.NullMarked;
