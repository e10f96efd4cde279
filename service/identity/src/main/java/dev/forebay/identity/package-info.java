/** Who the users of a server are, and the certificates by which it shows who it is. */
@NullMarked
package dev.forebay.identity;

import org.jspecify.annotations.NullMarked;
