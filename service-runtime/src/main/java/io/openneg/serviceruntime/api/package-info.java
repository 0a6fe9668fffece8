/** Conventions of the public API that all services share: names, fields, pages. Pure. */
@NullMarked
package io.openneg.serviceruntime.api;

import org.jspecify.annotations.NullMarked;
