@NullMarked
package dev.forebay.journal;

import org.jspecify.annotations.NullMarked;
