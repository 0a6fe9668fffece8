package io.openneg.healthservice;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.openneg.healthservice.endpointhealth.EndpointHealthDecider;
import io.openneg.healthservice.endpointhealth.Streak;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final JavaClasses SERVICE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.openneg.healthservice");

  @Test
  void judgingIsPure() {
    classes()
        .that()
        .belongToAnyOf(Streak.class, EndpointHealthDecider.class)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "java.lang..",
            "java.time..",
            "java.util",
            "java.util.function",
            "org.jspecify..",
            "io.openneg.eventlog",
            "io.openneg.healthservice.endpointhealth",
            "io.openneg.healthservice.target")
        .check(SERVICE);
  }

  @Test
  void probingIoIsInOnePlaceAndKnowsNoTables() {
    noClasses()
        .that()
        .resideOutsideOfPackages("..probe", "..socket")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.netty..", "java.net..", "java.nio.channels..")
        .check(SERVICE);
    noClasses()
        .that()
        .resideInAnyPackage("..probe", "..socket")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.jdbi..", "java.sql..", "org.apache.kafka..", "io.quarkus..")
        .check(SERVICE);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("io.openneg.healthservice.(*)..").should().beFreeOfCycles().check(SERVICE);
  }
}
