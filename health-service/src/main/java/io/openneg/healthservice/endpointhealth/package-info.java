/**
 * From observations to verdicts: thresholds, transitions as events, and the answer of GetHealth.
 */
@NullMarked
package io.openneg.healthservice.endpointhealth;

import org.jspecify.annotations.NullMarked;
