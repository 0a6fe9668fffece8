package io.openneg.healthservice.target;

import io.openneg.healthservice.target.ProbeRecipe.HttpVersion;
import io.openneg.healthservice.target.Transport.Security;

/** Recipes for the endpoint's own port. */
public final class Recipes {
  private static final Transport TLS = new Transport(Security.TLS, false);

  private Recipes() {}

  public static ProbeRecipe.Http http(String host, String path, String response) {
    return new ProbeRecipe.Http(null, Transport.PLAIN, HttpVersion.HTTP_1_1, host, path, response);
  }

  public static ProbeRecipe.Http https(String response) {
    return https(TLS, "", response);
  }

  public static ProbeRecipe.Http https(Transport transport, String host, String response) {
    return new ProbeRecipe.Http(null, transport, HttpVersion.HTTP_1_1, host, "/", response);
  }

  public static ProbeRecipe.Http http2(String path, String response) {
    return new ProbeRecipe.Http(null, TLS, HttpVersion.HTTP_2, "", path, response);
  }

  public static ProbeRecipe.Tcp tcp(String request, String response) {
    return new ProbeRecipe.Tcp(null, Transport.PLAIN, request, response);
  }

  public static ProbeRecipe.Tcp ssl(String request, String response) {
    return new ProbeRecipe.Tcp(null, TLS, request, response);
  }

  public static ProbeRecipe.Grpc grpc(String service) {
    return new ProbeRecipe.Grpc(null, service);
  }
}
