/** Backend services: which groups serve, and how much each takes. */
@NullMarked
package io.openneg.backendservice.backendservice;

import org.jspecify.annotations.NullMarked;
