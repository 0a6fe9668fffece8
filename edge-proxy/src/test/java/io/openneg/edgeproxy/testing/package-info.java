/** What the tests of this module share: a scripted control plane, resources and backends. */
@NullMarked
package io.openneg.edgeproxy.testing;

import org.jspecify.annotations.NullMarked;
