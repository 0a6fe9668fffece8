/** SSL certificates, and their private keys, which are sealed and never shown. */
@NullMarked
package io.openneg.backendservice.certificate;

import org.jspecify.annotations.NullMarked;
