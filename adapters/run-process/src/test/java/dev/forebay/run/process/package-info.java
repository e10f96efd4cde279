@NullMarked
package dev.forebay.run.process;

import org.jspecify.annotations.NullMarked;
