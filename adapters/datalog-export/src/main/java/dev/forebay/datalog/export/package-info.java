/**
 * BDDF files in formats that other tools open: {@link dev.forebay.datalog.export.LogExport} writes
 * CSV, JSON lines and MCAP, with signals decoded by their schemas.
 */
@NullMarked
package dev.forebay.datalog.export;

import org.jspecify.annotations.NullMarked;
