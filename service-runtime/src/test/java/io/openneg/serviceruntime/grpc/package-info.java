/** The gRPC edge, put to the test over a channel. */
@NullMarked
package io.openneg.serviceruntime.grpc;

import org.jspecify.annotations.NullMarked;
