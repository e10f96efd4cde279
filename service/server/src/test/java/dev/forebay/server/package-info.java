@NullMarked
package dev.forebay.server;

import org.jspecify.annotations.NullMarked;
