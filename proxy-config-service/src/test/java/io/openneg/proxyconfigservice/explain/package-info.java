@NullMarked
package io.openneg.proxyconfigservice.explain;

import org.jspecify.annotations.NullMarked;
