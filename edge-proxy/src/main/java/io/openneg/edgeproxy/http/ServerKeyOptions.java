package io.openneg.edgeproxy.http;

import io.netty.handler.ssl.util.SimpleKeyManagerFactory;
import io.openneg.edgeproxy.listening.ServerKeys;
import io.vertx.core.Vertx;
import io.vertx.core.net.KeyCertOptions;
import java.security.KeyStore;
import java.util.function.Function;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.ManagerFactoryParameters;

/**
 * Certificates for Vert.x that may change while it listens. Its own {@code KeyCertOptions.wrap}
 * needs a library for logging that this proxy does not have.
 */
final class ServerKeyOptions implements KeyCertOptions {

  private final ServerKeys keys;

  ServerKeyOptions(ServerKeys keys) {
    this.keys = keys;
  }

  /** The same keys: they are made to be shared. */
  @Override
  public KeyCertOptions copy() {
    return new ServerKeyOptions(keys);
  }

  @Override
  public KeyManagerFactory getKeyManagerFactory(Vertx vertx) {
    return new SimpleKeyManagerFactory() {
      @Override
      protected void engineInit(KeyStore store, char[] password) {}

      @Override
      protected void engineInit(ManagerFactoryParameters parameters) {}

      @Override
      protected KeyManager[] engineGetKeyManagers() {
        return new KeyManager[] {keys};
      }
    };
  }

  /** By server name: the keys look at it themselves. */
  @Override
  public Function<String, KeyManagerFactory> keyManagerFactoryMapper(Vertx vertx) {
    return _ -> getKeyManagerFactory(vertx);
  }
}
