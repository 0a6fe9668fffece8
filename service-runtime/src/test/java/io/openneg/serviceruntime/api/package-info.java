/** The conventions of the public API, put to the test. */
@NullMarked
package io.openneg.serviceruntime.api;

import org.jspecify.annotations.NullMarked;
