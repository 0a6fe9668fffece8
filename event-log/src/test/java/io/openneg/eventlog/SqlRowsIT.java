package io.openneg.eventlog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which columns go once shows nowhere: the rows arrive as they were. */
class SqlRowsIT {
  private record Item(int number, String name, @Nullable Boolean flag) {}

  @Test
  void anyRowsArriveAsTheyWere() {
    Random random = new Random(3);
    try (TestDatabase database = TestDatabase.fresh();
        Handle handle = database.jdbi().open()) {
      handle.execute("CREATE TEMPORARY TABLE item (number int, name text, flag bool)");
      for (int i = 0; i < 200; i++) {
        List<Item> items = items(random);
        handle.execute("DELETE FROM item");

        int inserted =
            new SqlRows<>(items)
                .column("number", "int4", Item::number)
                .column("name", "text", Item::name)
                .column("flag", "bool", Item::flag)
                .bind(
                    handle,
                    handle.createUpdate(
                        "INSERT INTO item (number, name, flag) SELECT <number>, <name>, <flag> <rows>"))
                .execute();

        assertThat(inserted).isEqualTo(items.size());
        assertThat(stored(handle)).containsExactlyInAnyOrderElementsOf(items);
      }
    }
  }

  /** Few values, so that columns with one alone are as usual as others. */
  private static List<Item> items(Random random) {
    List<Item> items = new ArrayList<>();
    int numbers = 1 + random.nextInt(3);
    int names = 1 + random.nextInt(3);
    for (int n = 1 + random.nextInt(4); n > 0; n--) {
      int flag = random.nextInt(3);
      items.add(
          new Item(
              random.nextInt(numbers),
              List.of("it's :a <name>", "", "b").get(random.nextInt(names)),
              flag == 2 ? null : flag == 1));
    }
    return items;
  }

  private static List<Item> stored(Handle handle) {
    return handle
        .createQuery("SELECT number, name, flag FROM item")
        .map(
            (row, _) ->
                new Item(
                    row.getInt("number"),
                    row.getString("name"),
                    row.getObject("flag", Boolean.class)))
        .list();
  }
}
