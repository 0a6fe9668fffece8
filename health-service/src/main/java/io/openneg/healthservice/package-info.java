/** health-service: probes the endpoints of backend services and says who is alive. */
@NullMarked
package io.openneg.healthservice;

import org.jspecify.annotations.NullMarked;
