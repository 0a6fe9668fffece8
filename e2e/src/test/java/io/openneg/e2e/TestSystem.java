package io.openneg.e2e;

import io.openneg.local.system.LocalSystem;
import io.openneg.local.system.Programs;
import io.openneg.local.system.SystemSettings;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** One running system for all tests of this JVM: temporary data, free ports. */
final class TestSystem {
  private static @Nullable LocalSystem system;

  private TestSystem() {}

  static synchronized LocalSystem shared() {
    LocalSystem running = system;
    if (running == null) {
      running = LocalSystem.start(SystemSettings.temporary(programs()));
      Runtime.getRuntime().addShutdownHook(new Thread(running::close));
      system = running;
    }
    return running;
  }

  /** What the build of this repository made. */
  static Programs programs() {
    return Programs.builtIn(Path.of("..").toAbsolutePath().normalize());
  }
}
