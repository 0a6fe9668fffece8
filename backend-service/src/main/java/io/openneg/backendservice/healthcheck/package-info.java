/** Health checks: how endpoints are probed. */
@NullMarked
package io.openneg.backendservice.healthcheck;

import org.jspecify.annotations.NullMarked;
