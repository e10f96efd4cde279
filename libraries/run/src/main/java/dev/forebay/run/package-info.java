/**
 * Runs: what is to be executed, the states of a run, the pipes between a program and its buffers,
 * its log, and the interface of executors.
 */
@NullMarked
package dev.forebay.run;

import org.jspecify.annotations.NullMarked;
