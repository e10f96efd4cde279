/**
 * Tools for tests that pull the plug: a disk in memory that can lose what was not synced, faults by
 * schedule, and a clock that is moved by hand.
 */
@NullMarked
package dev.forebay.testkit;

import org.jspecify.annotations.NullMarked;
