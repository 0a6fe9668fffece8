/** Configurations: what a project's load balancers are to be, as one document. */
@NullMarked
package io.openneg.backendservice.apply;

import org.jspecify.annotations.NullMarked;
