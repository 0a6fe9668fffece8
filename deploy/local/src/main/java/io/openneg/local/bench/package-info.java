/** The benchmark: how long a change takes to the proxy, beside what the machine allows. */
@NullMarked
package io.openneg.local.bench;

import org.jspecify.annotations.NullMarked;
