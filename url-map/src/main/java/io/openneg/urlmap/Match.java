package io.openneg.urlmap;

/**
 * What a request met in a URL map.
 *
 * @param host the field of the host that fits, such as {@code url_map.host_rules[0].hosts[1]};
 *     empty when no host rule does
 * @param rule the field of the rule that decided, such as {@code
 *     url_map.path_matchers[0].path_rules[2].paths[0]}, or of the default, {@code
 *     url_map.path_matchers[0]}
 */
public record Match(String host, String rule, Outcome outcome) {}
