/** Tests of addresses. */
@NullMarked
package io.openneg.backendservice.address;

import org.jspecify.annotations.NullMarked;
