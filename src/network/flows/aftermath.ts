/** What follows a switch: connections that end, tunnels that move. */
import type { Clock } from "../../runtime/clock.js";
import type { Log } from "../../runtime/log.js";
import type { Kernel } from "../kernel.js";
import type { UplinkObservation } from "../plan/types.js";
import type { Policy } from "../policy/types.js";
import { Flows, type Move } from "./flows.js";
import { Tunnels } from "./tunnels.js";
import type { FlowsPort, TrackedPort, TunnelsPort } from "./types.js";

export interface AftermathPorts {
  /** Absent: connections are left alone when traffic moves. */
  readonly flows?: FlowsPort;
  /** Absent: what is forwarded is left alone as well. */
  readonly tracked?: TrackedPort;
  /** Absent: WireGuard is left to its own devices when traffic moves. */
  readonly tunnels?: TunnelsPort;
}

export interface AftermathTools {
  readonly kernel: Pick<Kernel, "routes" | "links">;
  readonly clock: Clock;
  readonly log: Log;
}

export class Aftermath {
  readonly #flows: Flows | undefined;
  readonly #tunnels: Tunnels | undefined;

  constructor({ flows, tracked, tunnels }: AftermathPorts, { kernel, clock, log }: AftermathTools) {
    this.#flows = flows && new Flows({ port: flows, ...(tracked && { tracked }), kernel, clock, log });
    this.#tunnels = tunnels && new Tunnels(tunnels, clock, log);
  }

  /** Returns at once; what cannot be done is logged. */
  moved(move: Move, policy: Policy, observed: readonly UplinkObservation[]): void {
    void this.#flows?.moved(move, policy, observed);
    this.#tunnels?.moved();
  }

  /** Idempotent. */
  close(): void {
    this.#flows?.close();
    this.#tunnels?.close();
  }
}
