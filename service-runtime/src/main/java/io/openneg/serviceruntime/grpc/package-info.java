/**
 * The gRPC edge: handlers on threads of their own, refusals and faults as statuses, request ids.
 */
@NullMarked
package io.openneg.serviceruntime.grpc;

import org.jspecify.annotations.NullMarked;
