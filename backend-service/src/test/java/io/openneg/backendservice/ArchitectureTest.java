package io.openneg.backendservice;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final JavaClasses SERVICE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.openneg.backendservice");

  @Test
  void decidersRulesCommandsAndStatesDoNoIo() {
    noClasses()
        .that()
        .haveNameMatching(
            ".*\\.(\\w+Decider|\\w+Rules|\\w+Command|\\w*Facts|ResourceState|Refusals|Mismatches|References|Patch|Backends"
                + "|TargetProxyKind|Plan|FieldDifferences|RelativeNames)"
                + "(\\$.*)?")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.jdbi..",
            "java.sql..",
            "java.net..",
            "java.io..",
            "org.apache.kafka..",
            "io.grpc..",
            "io.quarkus..",
            "jakarta..")
        .check(SERVICE);
  }

  @Test
  void resourcesDoNotKnowEachOther() {
    slices().matching("io.openneg.backendservice.(*)").should().beFreeOfCycles().check(SERVICE);
    for (String resource :
        new String[] {"healthcheck", "backendservice", "urlmap", "targetproxy", "forwardingrule"}) {
      noClasses()
          .that()
          .resideInAPackage("..resource")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.openneg.backendservice." + resource)
          .check(SERVICE);
    }
  }
}
