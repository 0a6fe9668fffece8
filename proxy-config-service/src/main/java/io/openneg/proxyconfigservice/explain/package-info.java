/**
 * Answers: whether a change has reached every proxy, why an endpoint gets traffic, what becomes of
 * a request.
 */
@NullMarked
package io.openneg.proxyconfigservice.explain;

import org.jspecify.annotations.NullMarked;
