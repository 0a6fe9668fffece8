/** Tests of sealing. */
@NullMarked
package io.openneg.serviceruntime.secrets;

import org.jspecify.annotations.NullMarked;
