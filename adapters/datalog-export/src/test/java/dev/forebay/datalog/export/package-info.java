@NullMarked
package dev.forebay.datalog.export;

import org.jspecify.annotations.NullMarked;
