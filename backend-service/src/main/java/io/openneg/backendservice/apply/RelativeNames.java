package io.openneg.backendservice.apply;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Completes names that a configuration gives relative to its parent. Pure. */
final class RelativeNames {
  private static final Pattern RELATIVE = Pattern.compile("(global|regions|zones)/.*");

  /** The fields that name a resource, wherever they stand. */
  private static final Set<String> REFERENCES =
      Set.of(
          "health_checks",
          "group",
          "default_service",
          "service",
          "backend_service",
          "url_map",
          "ssl_certificates",
          "ip_address",
          "target");

  private static final List<String> OUTPUT_ONLY =
      List.of("id", "creation_timestamp", "change_token", "fingerprint");

  private RelativeNames() {}

  /**
   * A resource with its own name and all it refers to in full, and without output-only fields.
   *
   * @param parent {@code projects/{project}}
   */
  @SuppressWarnings("unchecked") // a message's builder builds its kind
  static <M extends Message> M complete(String parent, M resource) {
    Message.Builder builder = resource.toBuilder();
    references(parent, builder);
    FieldDescriptor name = builder.getDescriptorForType().findFieldByName("name");
    builder.setField(name, inFull(parent, builder.getField(name)));
    for (String field : OUTPUT_ONLY) {
      FieldDescriptor outputOnly = builder.getDescriptorForType().findFieldByName(field);
      if (outputOnly != null) {
        builder.clearField(outputOnly);
      }
    }
    return (M) builder.build();
  }

  private static void references(String parent, Message.Builder builder) {
    for (FieldDescriptor field : builder.getAllFields().keySet()) {
      boolean reference = REFERENCES.contains(field.getName());
      boolean message = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
      if (field.isRepeated()) {
        for (int i = 0; i < builder.getRepeatedFieldCount(field); i++) {
          if (message) {
            Message.Builder inner = ((Message) builder.getRepeatedField(field, i)).toBuilder();
            references(parent, inner);
            builder.setRepeatedField(field, i, inner.build());
          } else if (reference) {
            builder.setRepeatedField(field, i, inFull(parent, builder.getRepeatedField(field, i)));
          }
        }
      } else if (message) {
        references(parent, builder.getFieldBuilder(field));
      } else if (reference) {
        builder.setField(field, inFull(parent, builder.getField(field)));
      }
    }
  }

  private static String inFull(String parent, Object name) {
    String given = (String) name;
    return RELATIVE.matcher(given).matches() ? parent + "/" + given : given;
  }
}
