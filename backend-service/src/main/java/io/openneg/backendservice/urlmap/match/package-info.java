/** Which rule of a URL map a request meets, and what becomes of it. */
@NullMarked
package io.openneg.backendservice.urlmap.match;

import org.jspecify.annotations.NullMarked;
