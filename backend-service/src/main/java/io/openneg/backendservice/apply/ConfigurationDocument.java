package io.openneg.backendservice.apply;

import io.openneg.backend.v1.Configuration;
import io.openneg.eventlog.RejectedException;
import io.openneg.serviceruntime.api.Violations;
import java.io.StringReader;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;

/** Reads a configuration from YAML, of which JSON is a part. */
final class ConfigurationDocument {
  private static final Pattern JSON = Pattern.compile("\\s*\\{.*", Pattern.DOTALL);
  private static final Pattern INDENT = Pattern.compile("(?m)^[ \\t]+");

  private ConfigurationDocument() {}

  /**
   * @throws RejectedException INVALID_ARGUMENT with line and column when it is not YAML, and with
   *     every field that is not one of the configuration or has another type
   */
  static Configuration parse(String document) {
    Violations faults = new Violations();
    Configuration.Builder configuration = Configuration.newBuilder();
    try {
      Node root = new Yaml(new LoaderOptions()).compose(new StringReader(indented(document)));
      if (faults.check(root != null, "document", "must have a configuration, is empty")) {
        new YamlMessages(faults).read(root, configuration);
      }
    } catch (MarkedYAMLException e) {
      Mark at = e.getProblemMark();
      faults.check(
          false,
          "document",
          "must be YAML or JSON: line %d, column %d: %s"
              .formatted(at.getLine() + 1, at.getColumn() + 1, problem(e)));
    } catch (YAMLException e) {
      faults.check(false, "document", "must be YAML or JSON: " + e.getMessage());
    }
    faults.orThrow();
    return configuration.build();
  }

  private static String problem(MarkedYAMLException e) {
    return e.getContext() == null ? e.getProblem() : e.getContext() + ", " + e.getProblem();
  }

  /** JSON may be indented by tabs, YAML may not. */
  private static String indented(String document) {
    return JSON.matcher(document).matches()
        ? INDENT.matcher(document).replaceAll(m -> m.group().replace('\t', ' '))
        : document;
  }
}
