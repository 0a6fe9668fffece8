/** Tests of certificates. */
@NullMarked
package io.openneg.backendservice.certificate;

import org.jspecify.annotations.NullMarked;
