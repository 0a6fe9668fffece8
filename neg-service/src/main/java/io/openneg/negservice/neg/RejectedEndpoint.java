package io.openneg.negservice.neg;

import io.openneg.eventlog.Rejection.Violation;
import java.util.List;

/**
 * An endpoint of a command that is not good.
 *
 * @param index in the command, from 0
 * @param reason INVALID_ARGUMENT, or why it is out of place
 * @param faults all that is wrong with it, never empty
 */
record RejectedEndpoint(int index, String reason, List<Violation> faults) {}
