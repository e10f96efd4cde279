/** What both planes share: JSON, times, durations, buffer IDs and header names. */
@NullMarked
package dev.forebay.wire;

import org.jspecify.annotations.NullMarked;
