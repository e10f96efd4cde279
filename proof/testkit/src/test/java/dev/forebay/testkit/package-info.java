@NullMarked
package dev.forebay.testkit;

import org.jspecify.annotations.NullMarked;
