package io.openneg.backendservice.resource;

import java.util.List;
import org.jdbi.v3.core.Handle;

/** Which backend service uses which group. A reference and a fence exclude each other. */
public final class NegReferenceTable {
  private NegReferenceTable() {}

  static void add(Handle tx, String backendService, String neg) {
    tx.createUpdate(
            """
            INSERT INTO neg_fence (name, id, fenced)
            SELECT name, id, false FROM known_neg WHERE name = :neg
            ON CONFLICT (name, id) DO NOTHING
            """)
        .bind("neg", neg)
        .execute();
    tx.createUpdate(
            """
            INSERT INTO neg_reference (backend_service, neg, neg_id)
            SELECT :service, name, id FROM known_neg WHERE name = :neg
            """)
        .bind("service", backendService)
        .bind("neg", neg)
        .execute();
  }

  static void remove(Handle tx, String backendService, String neg) {
    tx.createUpdate("DELETE FROM neg_reference WHERE backend_service = :service AND neg = :neg")
        .bind("service", backendService)
        .bind("neg", neg)
        .execute();
  }

  /** Keeps a group from being referenced from now on; a conflict when it is referenced. */
  public static void fence(Handle tx, String neg, long id) {
    tx.createUpdate(
            """
            INSERT INTO neg_fence (name, id, fenced) VALUES (:neg, :id, true)
            ON CONFLICT (name, id) DO UPDATE SET fenced = true
            """)
        .bind("neg", neg)
        .bind("id", id)
        .execute();
  }

  /** Names of the backend services that use a group. */
  public static List<String> users(Handle handle, String neg, long id) {
    return handle
        .createQuery(
            """
            SELECT backend_service FROM neg_reference
            WHERE neg = :neg AND neg_id = :id ORDER BY backend_service
            """)
        .bind("neg", neg)
        .bind("id", id)
        .mapTo(String.class)
        .list();
  }
}
