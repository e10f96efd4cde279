@NullMarked
package dev.forebay.run;

import org.jspecify.annotations.NullMarked;
