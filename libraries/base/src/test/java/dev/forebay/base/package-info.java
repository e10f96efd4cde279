@NullMarked
package dev.forebay.base;

import org.jspecify.annotations.NullMarked;
