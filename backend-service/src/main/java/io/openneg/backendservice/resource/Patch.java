package io.openneg.backendservice.resource;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.openneg.serviceruntime.api.Violations;
import java.util.List;
import java.util.Set;

/** What an update mask makes of a resource. Pure. */
public final class Patch {
  private static final Set<String> OUTPUT_ONLY =
      Set.of("name", "id", "creation_timestamp", "change_token", "fingerprint");

  private Patch() {}

  /**
   * The resource with these fields replaced, lists as a whole.
   *
   * @param fields names; empty: all of them
   */
  @SuppressWarnings("unchecked") // a message's builder builds its kind
  public static <M extends Message> M apply(
      M current, M wanted, List<String> fields, Violations faults) {
    if (fields.isEmpty()) {
      return wanted;
    }
    Message.Builder patched = current.toBuilder();
    for (String name : fields) {
      FieldDescriptor field = current.getDescriptorForType().findFieldByName(name);
      if (field == null || OUTPUT_ONLY.contains(name)) {
        faults.check(
            false, "update_mask", "names '%s', which is no field to replace".formatted(name));
      } else if (field.hasPresence() && !wanted.hasField(field)) {
        patched.clearField(field);
      } else {
        patched.setField(field, wanted.getField(field));
      }
    }
    return (M) patched.build();
  }
}
