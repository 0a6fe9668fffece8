package io.openneg.local.containers;

import io.openneg.local.client.Api;
import java.io.IOException;
import java.io.PrintStream;
import java.util.concurrent.CountDownLatch;

/** {@code openneg containers}: they run until they are told to stop. */
public final class ContainersCommand {
  private static final int PORT = 18080;

  private final Api api;
  private final String zone;
  private final PrintStream out;

  /**
   * @param zone that the VMs are in
   */
  public ContainersCommand(Api api, String zone, PrintStream out) {
    this.api = api;
    this.zone = zone;
    this.out = out;
  }

  /** Returns when interrupted, else never; 1 when a container cannot listen. */
  public int run() {
    try (Containers containers = Containers.start(api, "projects/demo", zone, PORT)) {
      out.println(containers);
      out.println(
          """
          They are the network endpoint groups web and cart of projects/demo. Ctrl-C stops them. Next:
            ./openneg apply --wait -f examples/http.yaml
            curl http://127.0.0.1:8000/ http://127.0.0.1:8000/cart""");
      out.flush();
      // Only a signal ends this.
      new CountDownLatch(1).await();
      return 0;
    } catch (IOException e) {
      out.println("the containers need addresses of 127.17.0.0/16, port " + PORT + ": " + e);
      return 1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }
}
