@NullMarked
package dev.forebay.control;

import org.jspecify.annotations.NullMarked;
