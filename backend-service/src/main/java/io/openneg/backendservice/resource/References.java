package io.openneg.backendservice.resource;

import io.openneg.serviceruntime.api.ResourceName;
import io.openneg.serviceruntime.api.ResourceName.Scope;
import io.openneg.serviceruntime.api.Violations;

/** What a resource may refer to: others of its own scope (compute v1). Pure. */
public final class References {
  private References() {}

  /**
   * Notes a fault unless a field names a resource of the referring one's scope.
   *
   * @param from name of the resource that refers
   * @return whether it does
   */
  public static boolean check(
      String from, String to, String collection, String field, Violations faults) {
    String region = region(from);
    if (region.isEmpty()) {
      return faults.check(
          ResourceName.isName(to, Scope.GLOBAL, collection),
          field,
          "must be " + Scope.GLOBAL.form(collection));
    }
    return faults.check(
        ResourceName.isName(to, Scope.REGION, collection) && region(to).equals(region),
        field,
        "must be projects/{project}/regions/%s/%s/{id}: in the region of who refers to it"
            .formatted(region, collection));
  }

  /** What a resource is in, with its project: all of its name before the collection. */
  public static String scope(String name) {
    int id = name.lastIndexOf('/');
    return id < 0 ? "" : name.substring(0, Math.max(0, name.lastIndexOf('/', id - 1)));
  }

  /** The region of a resource; empty: it is global. */
  public static String region(String name) {
    String[] parts = name.split("/", 5);
    return parts.length == 5 && parts[2].equals("regions") ? parts[3] : "";
  }
}
