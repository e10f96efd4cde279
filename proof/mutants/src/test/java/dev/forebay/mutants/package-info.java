/**
 * Mutation tests: every promise in {@code docs/promises.md} with a small patch that breaks it and
 * the test that must then fail. {@code proof/mutants/README.md} says how to write one.
 */
@NullMarked
package dev.forebay.mutants;

import org.jspecify.annotations.NullMarked;
