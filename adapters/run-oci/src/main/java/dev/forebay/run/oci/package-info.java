/** The <em>oci</em> executor: a run is a container of Podman, Docker, or what speaks like them. */
@NullMarked
package dev.forebay.run.oci;

import org.jspecify.annotations.NullMarked;
