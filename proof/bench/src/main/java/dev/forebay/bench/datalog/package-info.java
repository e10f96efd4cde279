/** The data log, its files and their peers. */
@NullMarked
package dev.forebay.bench.datalog;

import org.jspecify.annotations.NullMarked;
