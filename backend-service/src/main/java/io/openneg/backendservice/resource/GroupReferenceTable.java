package io.openneg.backendservice.resource;

import java.util.List;
import org.jdbi.v3.core.Handle;

/** Which backend service uses which group. A reference and a fence exclude each other. */
public final class GroupReferenceTable {
  private GroupReferenceTable() {}

  static void add(Handle tx, String backendService, String group) {
    tx.createUpdate(
            """
            INSERT INTO group_fence (name, id, fenced)
            SELECT name, id, false FROM known_group WHERE name = :group
            ON CONFLICT (name, id) DO NOTHING
            """)
        .bind("group", group)
        .execute();
    tx.createUpdate(
            """
            INSERT INTO group_reference (backend_service, group_name, group_id)
            SELECT :service, name, id FROM known_group WHERE name = :group
            """)
        .bind("service", backendService)
        .bind("group", group)
        .execute();
  }

  static void remove(Handle tx, String backendService, String group) {
    tx.createUpdate(
            "DELETE FROM group_reference WHERE backend_service = :service AND group_name = :group")
        .bind("service", backendService)
        .bind("group", group)
        .execute();
  }

  /** Keeps a group from being referenced from now on; a conflict when it is referenced. */
  public static void fence(Handle tx, String group, long id) {
    tx.createUpdate(
            """
            INSERT INTO group_fence (name, id, fenced) VALUES (:group, :id, true)
            ON CONFLICT (name, id) DO UPDATE SET fenced = true
            """)
        .bind("group", group)
        .bind("id", id)
        .execute();
  }

  /** Names of the backend services that use a group. */
  public static List<String> users(Handle handle, String group, long id) {
    return handle
        .createQuery(
            """
            SELECT backend_service FROM group_reference
            WHERE group_name = :group AND group_id = :id ORDER BY backend_service
            """)
        .bind("group", group)
        .bind("id", id)
        .mapTo(String.class)
        .list();
  }
}
