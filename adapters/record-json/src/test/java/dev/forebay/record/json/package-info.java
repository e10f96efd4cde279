/** Records as JSON, with {@code id} and {@code create_at}. */
@NullMarked
package dev.forebay.record.json;

import org.jspecify.annotations.NullMarked;
