package io.openneg.serviceruntime.secrets;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A sealed secret that this key, or this owner, does not open. */
public final class SecretNotOpenedException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  SecretNotOpenedException(String owner, @Nullable Throwable cause) {
    super(
        "the secret of %s was not sealed with the key in OPENNEG_SECRETS_KEY_FILE, or was changed"
            .formatted(owner),
        cause);
  }
}
