package io.openneg.negservice.inventory.resource;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.openneg.neg.v1.Instance;
import io.openneg.neg.v1.InstanceGroup;
import io.openneg.neg.v1.Network;
import io.openneg.neg.v1.Subnetwork;
import io.openneg.serviceruntime.api.Filter;
import io.openneg.serviceruntime.api.Page;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** The resources of one kind, to be read. Thread-safe. */
public final class ResourceTable<M extends Message> {
  public static final ResourceTable<Network> NETWORKS =
      new ResourceTable<>("network", Network.parser());
  public static final ResourceTable<Subnetwork> SUBNETWORKS =
      new ResourceTable<>("subnetwork", Subnetwork.parser());
  public static final ResourceTable<Instance> INSTANCES =
      new ResourceTable<>("instance", Instance.parser());
  public static final ResourceTable<InstanceGroup> INSTANCE_GROUPS =
      new ResourceTable<>("instance_group", InstanceGroup.parser());

  private static final int STANDARD_PAGE = 500;

  private final String table;
  private final Parser<M> parser;

  private ResourceTable(String table, Parser<M> parser) {
    this.table = table;
    this.parser = parser;
  }

  /**
   * @param content as in events
   * @param version of the stream
   */
  public record Row<M>(String name, M content, long version) {}

  /**
   * Which part of a list is asked for, as the request says it.
   *
   * @param prefix that all names of the list have, ending in a slash
   */
  public record Wanted(String prefix, int pageSize, String pageToken, String filter) {}

  public Optional<Row<M>> get(Handle handle, String name) {
    return handle
        .createQuery("SELECT name, content, version FROM " + table + " WHERE name = :name")
        .bind("name", name)
        .map((row, _) -> row(row))
        .findOne();
  }

  /**
   * A page in order of name.
   *
   * @param answer the content as clients see it, which is what the filter is about
   */
  public Page.Of<M> list(Jdbi jdbi, Wanted wanted, Function<Row<M>, M> answer) {
    Page page = Page.of(wanted.pageSize(), wanted.pageToken(), STANDARD_PAGE, STANDARD_PAGE);
    M defaults = parse(new byte[0]);
    Filter filter = Filter.of(wanted.filter(), defaults.getDescriptorForType());
    Page.Of<Row<M>> rows =
        jdbi.withHandle(
            handle ->
                page.answer(
                    row -> filter.test(answer.apply(row)),
                    Row::name,
                    (after, limit) -> list(handle, wanted.prefix(), after, limit)));
    return new Page.Of<>(rows.items().stream().map(answer).toList(), rows.nextPageToken());
  }

  private List<Row<M>> list(Handle handle, String prefix, String after, int limit) {
    // The prefix as a range, which the primary key serves: '0' is the character behind '/'.
    String end = prefix.substring(0, prefix.length() - 1) + '0';
    return handle
        .createQuery(
            "SELECT name, content, version FROM "
                + table
                + " WHERE name > :prefix AND name < :end AND name > :after"
                + " ORDER BY name LIMIT :limit")
        .bind("prefix", prefix)
        .bind("end", end)
        .bind("after", after)
        .bind("limit", limit)
        .map((row, _) -> row(row))
        .list();
  }

  private Row<M> row(ResultSet row) throws SQLException {
    return new Row<>(row.getString("name"), parse(row.getBytes("content")), row.getLong("version"));
  }

  private M parse(byte[] content) {
    try {
      return parser.parseFrom(content);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a row of %s is none".formatted(table), e);
    }
  }
}
