/** Which rule of a URL map a request meets, and what becomes of it. Pure. */
@NullMarked
package io.openneg.urlmap;

import org.jspecify.annotations.NullMarked;
