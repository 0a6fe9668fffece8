/** Which endpoint gets the next request: pure choice by priority, locality weight and policy. */
@NullMarked
package io.openneg.edgeproxy.balancing;

import org.jspecify.annotations.NullMarked;
