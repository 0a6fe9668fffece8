/** neg-service: what endpoints exist. This package puts the service together. */
@NullMarked
package io.openneg.negservice;

import org.jspecify.annotations.NullMarked;
