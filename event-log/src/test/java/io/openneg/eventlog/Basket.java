package io.openneg.eventlog;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A stream for tests: things are put into it.
 *
 * @param size how many things are in it
 * @param last what was put into it last; null: nothing yet
 */
record Basket(int size, @Nullable String last) {

  /** Puts things into a basket; nothing: a command without effect. */
  record Put(List<String> things) {
    static Put one(String thing) {
      return new Put(List.of(thing));
    }

    static Put many(String prefix, int count) {
      return new Put(IntStream.rangeClosed(1, count).mapToObj(i -> prefix + i).toList());
    }
  }

  /** A thing was put into a basket. */
  record ThingPut(String thing) {}

  /** Refuses the thing {@code forbidden}; accepts all others. */
  static final Decider<Basket, Put, ThingPut> DECIDER =
      new Decider<>() {
        @Override
        public Basket initial() {
          return new Basket(0, null);
        }

        @Override
        public Decision<ThingPut> decide(Basket basket, Put command) {
          return command.things().contains("forbidden")
              ? Decision.rejected(
                  Rejection.Kind.FAILED_PRECONDITION, "FORBIDDEN", "it must not be put in")
              : Decision.accepted(command.things().stream().map(ThingPut::new).toList());
        }

        @Override
        public Basket evolve(Basket basket, ThingPut event) {
          return new Basket(basket.size() + 1, event.thing());
        }
      };

  static final EventCodec<ThingPut> CODEC =
      new EventCodec<>() {
        @Override
        public String type(ThingPut event) {
          return "openneg.test.ThingPut";
        }

        @Override
        public byte[] encode(ThingPut event) {
          return event.thing().getBytes(UTF_8);
        }

        @Override
        public ThingPut decode(byte[] payload) {
          return new ThingPut(new String(payload, UTF_8));
        }
      };
}
