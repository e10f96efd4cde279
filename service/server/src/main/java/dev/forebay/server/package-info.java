/** Wire formats and nothing else: parse, call, render. */
@NullMarked
package dev.forebay.server;

import org.jspecify.annotations.NullMarked;
