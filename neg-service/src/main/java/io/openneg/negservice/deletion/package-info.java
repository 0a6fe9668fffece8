/** How a group that others may use is deleted: backend-service has a say in it. */
@NullMarked
package io.openneg.negservice.deletion;

import org.jspecify.annotations.NullMarked;
