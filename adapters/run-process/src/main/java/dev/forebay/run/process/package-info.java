/** The <em>process</em> executor: a run is a process of the operating system. */
@NullMarked
package dev.forebay.run.process;

import org.jspecify.annotations.NullMarked;
