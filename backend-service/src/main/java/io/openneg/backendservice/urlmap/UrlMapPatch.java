package io.openneg.backendservice.urlmap;

import com.google.protobuf.Descriptors.FieldDescriptor;
import io.openneg.backend.v1.UrlMap;
import io.openneg.serviceruntime.api.Violations;
import java.util.List;
import java.util.Set;

/** Replaces some fields of a URL map (AIP-134; compute v1, PATCH). Pure. */
final class UrlMapPatch {
  private static final Set<String> OUTPUT_ONLY =
      Set.of("name", "id", "creation_timestamp", "change_token", "fingerprint");

  private UrlMapPatch() {}

  /**
   * The map with these fields replaced, lists as a whole.
   *
   * @param fields names; empty: all of them
   */
  static UrlMap apply(UrlMap current, UrlMap wanted, List<String> fields, Violations faults) {
    if (fields.isEmpty()) {
      return wanted;
    }
    UrlMap.Builder patched = current.toBuilder();
    for (String name : fields) {
      FieldDescriptor field = UrlMap.getDescriptor().findFieldByName(name);
      if (field == null || OUTPUT_ONLY.contains(name)) {
        faults.check(
            false, "update_mask", "names '%s', which is no field to replace".formatted(name));
      } else if (field.hasPresence() && !wanted.hasField(field)) {
        patched.clearField(field);
      } else {
        patched.setField(field, wanted.getField(field));
      }
    }
    return patched.build();
  }
}
