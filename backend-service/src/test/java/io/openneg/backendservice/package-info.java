/** Tests of backend-service. */
@NullMarked
package io.openneg.backendservice;

import org.jspecify.annotations.NullMarked;
