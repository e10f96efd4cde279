@NullMarked
package dev.forebay.identity;

import org.jspecify.annotations.NullMarked;
