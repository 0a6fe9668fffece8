package io.openneg.eventlog;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The core knows no domain and no framework: PostgreSQL, Kafka, JDBI and a cache, that is all. */
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.openneg.eventlog");

  @Test
  void nothingButWhatItIsMadeOf() {
    assertThat(CLASSES).hasSizeGreaterThan(20);
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "io.openneg.eventlog..",
            "java..",
            "org.jdbi.v3.core..",
            "org.postgresql..",
            "org.apache.kafka..",
            "com.github.benmanes.caffeine..",
            "org.jspecify.annotations",
            "org.slf4j")
        .check(CLASSES);
  }

  @Test
  void noCyclesBetweenPackages() {
    slices().matching("io.openneg.(**)").should().beFreeOfCycles().check(CLASSES);
  }
}
