/** What every benchmark needs: figures and a table to print them in. */
@NullMarked
package dev.forebay.bench;

import org.jspecify.annotations.NullMarked;
