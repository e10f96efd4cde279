/** What all suites share: rows, figures, settings and the table. */
@NullMarked
package dev.forebay.bench;

import org.jspecify.annotations.NullMarked;
