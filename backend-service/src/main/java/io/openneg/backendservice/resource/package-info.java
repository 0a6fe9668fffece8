/** What all resources of this service share: their table, their references, their replies. */
@NullMarked
package io.openneg.backendservice.resource;

import org.jspecify.annotations.NullMarked;
