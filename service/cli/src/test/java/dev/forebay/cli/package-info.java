/** The command line against a real server. */
@NullMarked
package dev.forebay.cli;

import org.jspecify.annotations.NullMarked;
