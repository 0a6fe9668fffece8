/** For the tests of the services. */
@NullMarked
package io.openneg.eventlog.testing;

import org.jspecify.annotations.NullMarked;
