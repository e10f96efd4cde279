/**
 * What is delivered and how failures are answered: a batch, the outlet that takes it, and when to
 * try again. Nothing here knows a record buffer, so that a link can use it without one.
 */
@NullMarked
package dev.forebay.record.outlet;

import org.jspecify.annotations.NullMarked;
