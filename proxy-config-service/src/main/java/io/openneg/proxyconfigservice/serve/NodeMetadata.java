package io.openneg.proxyconfigservice.serve;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.openneg.backend.v1.LoadBalancingScheme;
import io.openneg.proxyconfigservice.xds.ListenerSelection;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a node says of itself in {@code metadata.openneg}. Keys that are not known are not looked
 * at.
 */
final class NodeMetadata {
  private static final String OURS = "openneg";
  private static final String RULES = "forwarding_rules";
  private static final String SCHEMES = "load_balancing_schemes";

  private NodeMetadata() {}

  /**
   * Which listeners it is to get; without a word about it, all.
   *
   * @throws IllegalArgumentException saying what is wrong, for people
   */
  static ListenerSelection listeners(Node node) {
    Value ours = node.getMetadata().getFieldsOrDefault(OURS, Value.getDefaultInstance());
    if (ours.getKindCase() == Value.KindCase.KIND_NOT_SET) {
      return ListenerSelection.ALL;
    }
    if (ours.getKindCase() != Value.KindCase.STRUCT_VALUE) {
      throw new IllegalArgumentException("node.metadata.openneg must be an object");
    }
    Set<LoadBalancingScheme> schemes = new HashSet<>();
    for (String scheme : texts(ours.getStructValue(), SCHEMES)) {
      schemes.add(
          Arrays.stream(LoadBalancingScheme.values())
              .filter(one -> one.name().equals(scheme))
              .findFirst()
              .orElseThrow(() -> new IllegalArgumentException(noScheme(scheme))));
    }
    return new ListenerSelection(texts(ours.getStructValue(), RULES), schemes);
  }

  private static String noScheme(String scheme) {
    Set<String> names = new TreeSet<>();
    for (LoadBalancingScheme one : LoadBalancingScheme.values()) {
      names.add(one.name());
    }
    return "node.metadata.openneg.%s: '%s' is none of %s".formatted(SCHEMES, scheme, names);
  }

  private static Set<String> texts(Struct struct, String key) {
    Value value = struct.getFieldsOrDefault(key, Value.getDefaultInstance());
    Set<String> texts = new LinkedHashSet<>();
    if (value.getKindCase() == Value.KindCase.KIND_NOT_SET) {
      return texts;
    }
    for (Value one : value.getListValue().getValuesList()) {
      texts.add(one.getStringValue());
    }
    if (texts.isEmpty() || texts.contains("")) {
      throw new IllegalArgumentException(
          "node.metadata.openneg.%s must be a list of one text at least".formatted(key));
    }
    return texts;
  }
}
