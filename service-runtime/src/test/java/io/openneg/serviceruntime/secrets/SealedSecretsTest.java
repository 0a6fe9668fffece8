package io.openneg.serviceruntime.secrets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("NullAway.Init") // JUnit sets the fields
class SealedSecretsTest {
  private static final byte[] SECRET = "attack at dawn".getBytes(UTF_8);

  @TempDir Path directory;
  private SealedSecrets secrets;

  @BeforeEach
  void key() throws IOException {
    secrets = withKey(SealedSecrets.newKey() + "\n");
  }

  private SealedSecrets withKey(String text) throws IOException {
    return SealedSecrets.withKeyOf(Files.writeString(directory.resolve("key"), text));
  }

  @Test
  void itsOwnerOpensASecretAndNobodyElse() {
    byte[] sealed = secrets.seal(SECRET, "a");

    assertThat(secrets.open(sealed, "a")).isEqualTo(SECRET);
    assertThatThrownBy(() -> secrets.open(sealed, "b"))
        .isInstanceOf(SecretNotOpenedException.class);
  }

  @Test
  void anotherKeyDoesNotOpenIt() throws IOException {
    byte[] sealed = secrets.seal(SECRET, "a");
    SealedSecrets others = withKey(SealedSecrets.newKey());

    assertThatThrownBy(() -> others.open(sealed, "a")).isInstanceOf(SecretNotOpenedException.class);
  }

  @Test
  void whatWasChangedIsNotOpenedWhereverItWas() {
    byte[] sealed = secrets.seal(SECRET, "a");
    for (int i = 0; i < sealed.length; i++) {
      byte[] changed = sealed.clone();
      changed[i] ^= 1;
      assertThatThrownBy(() -> secrets.open(changed, "a"))
          .as("byte %d", i)
          .isInstanceOf(SecretNotOpenedException.class);
    }
    assertThatThrownBy(() -> secrets.open(new byte[3], "a"))
        .isInstanceOf(SecretNotOpenedException.class);
  }

  @Test
  void theSameSecretIsSealedAnewEachTime() {
    assertThat(secrets.seal(SECRET, "a")).isNotEqualTo(secrets.seal(SECRET, "a"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "c2hvcnQ=", "not base64"})
  void aKeyHas32BytesAndIsNotTold(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> withKey(text))
        .withMessageContaining("32 bytes")
        .withMessageNotContaining("c2hvcnQ=");
  }
}
