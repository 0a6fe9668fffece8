package io.openneg.backendservice.resource;

import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Sealed private keys. A rebuild of the view leaves them alone: no event has them. */
public final class SealedKeyTable {
  private SealedKeyTable() {}

  /**
   * Which key.
   *
   * @param id of the certificate, so that one created anew has a key of its own
   */
  public record Key(String certificate, long id) {}

  public static void add(Handle handle, String certificate, long id, byte[] sealed) {
    handle
        .createUpdate(
            "INSERT INTO sealed_key (certificate, id, sealed) VALUES (:certificate, :id, :sealed)")
        .bind("certificate", certificate)
        .bind("id", id)
        .bind("sealed", sealed)
        .execute();
  }

  public static void remove(Handle handle, String certificate, long id) {
    handle
        .createUpdate("DELETE FROM sealed_key WHERE certificate = :certificate AND id = :id")
        .bind("certificate", certificate)
        .bind("id", id)
        .execute();
  }

  public static Optional<byte[]> find(Handle handle, String certificate, long id) {
    return handle
        .createQuery("SELECT sealed FROM sealed_key WHERE certificate = :certificate AND id = :id")
        .bind("certificate", certificate)
        .bind("id", id)
        .mapTo(byte[].class)
        .findOne();
  }

  /** Those that are here for longer than any call takes. */
  public static List<Key> old(Handle handle) {
    return handle
        .createQuery(
            "SELECT certificate, id FROM sealed_key WHERE kept_at < now() - interval '1 hour'")
        .map((row, _) -> new Key(row.getString("certificate"), row.getLong("id")))
        .list();
  }
}
