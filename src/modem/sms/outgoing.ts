/** One message on its way to the network, as clients see it. */
import { DomainRefusal, type OutgoingMessage, type OutgoingState } from "../api.js";
import { StatePart } from "../part.js";
import type { QueuedSms } from "./store.js";

export class Outgoing extends StatePart<OutgoingState> implements OutgoingMessage {
  /** Some part of it is on its way, or has left. */
  hasBegun: boolean;
  tries = 0;

  /** `cancelled` takes it out of the queue. */
  constructor(
    readonly queued: QueuedSms,
    private readonly cancelled: (message: Outgoing) => Promise<void>,
  ) {
    super({ state: "pending" });
    this.hasBegun = queued.sentParts > 0;
  }

  get id(): string {
    return this.queued.id;
  }

  async cancel(): Promise<void> {
    if (this.state.state !== "pending") throw new DomainRefusal("notAvailable", "the message is not pending any more");
    if (this.hasBegun) throw new DomainRefusal("accessDenied", "the message is on its way already");
    await this.cancelled(this);
  }
}
