/** Network endpoint groups and the endpoints in them: rules, events, tables, gRPC. */
@NullMarked
package io.openneg.negservice.neg;

import org.jspecify.annotations.NullMarked;
