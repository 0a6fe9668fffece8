/** Secrets at rest: sealed with a key that only the services have. */
@NullMarked
package io.openneg.serviceruntime.secrets;

import org.jspecify.annotations.NullMarked;
