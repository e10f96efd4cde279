/** The command line: arguments, progress, rendering. */
@NullMarked
package dev.forebay.cli;

import org.jspecify.annotations.NullMarked;
