@NullMarked
package dev.forebay.datalog;

import org.jspecify.annotations.NullMarked;
