/** Stands in for `@smithy/core/event-streams`: no operation the functions use has a stream of events in it. */

export class EventStreamSerde {
  constructor() {
    throw new Error("a built function has no event streams");
  }
}

export const eventStreamSerdeProvider = () => undefined;

export const resolveEventStreamSerdeConfig = <Config>(config: Config): Config => config;
