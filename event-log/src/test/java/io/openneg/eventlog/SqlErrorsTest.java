package io.openneg.eventlog;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.apache.kafka.common.KafkaException;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.transaction.TransactionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A passing fault taken for poison would park good events; poison taken for passing would loop. */
class SqlErrorsTest {

  @ParameterizedTest
  @CsvSource({
    "23505, true, false", // unique key
    "23503, true, false", // reference
    "23P01, true, false", // exclusion
    "40001, true, true", // serialization failure
    "40P01, true, true", // deadlock
    "08006, false, true", // connection lost
    "08001, false, true", // no connection
    "57P01, false, true", // administrator
    "57P03, false, true", // starting up
    "53300, false, true", // too many connections
    "53100, false, true", // disk full
    "55P03, false, true", // lock timeout
    "57014, false, true", // statement timeout
    "25006, false, true", // demoted to a standby
    "25P03, false, true", // idle in transaction
    "25P02, false, false", // aborted by an earlier error
    "55000, false, false", // append that is not the first write
    "22012, false, false", // division by zero
    "42P01, false, false", // no such table
    "23514, false, false" // check
  })
  void everyErrorHasItsClass(String state, boolean conflict, boolean passing) {
    SQLException error = new SQLException("error", state);
    for (Throwable wrapped :
        new Throwable[] {
          error,
          new TransactionException("commit", error),
          new IllegalStateException(new RuntimeException("by a projection", error)),
          new SQLException("without a state", error)
        }) {
      assertThat(SqlErrors.isConflict(wrapped)).as("conflict: %s", wrapped).isEqualTo(conflict);
      assertThat(SqlErrors.isTransient(wrapped)).as("transient: %s", wrapped).isEqualTo(passing);
    }
  }

  @Test
  void aPoolWithoutAFreeConnectionIsPassing() {
    // Agroal's has no SQL state.
    ConnectionException error = new ConnectionException(new SQLException("acquisition timeout"));
    assertThat(SqlErrors.isTransient(error)).isTrue();
    assertThat(SqlErrors.isTransient(new IllegalStateException(error))).isTrue();
  }

  @Test
  void whatIsNotTheDatabasesIsNeither() {
    for (Throwable error :
        new Throwable[] {
          new IllegalStateException("evolve"), new KafkaException("broker"), new SQLException("x")
        }) {
      assertThat(SqlErrors.isConflict(error)).isFalse();
      assertThat(SqlErrors.isTransient(error)).isFalse();
    }
  }
}
