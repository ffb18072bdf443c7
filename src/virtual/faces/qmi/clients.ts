/** Client ids: who has one, and what the modem remembers of each. They outlive the program that asked for them. */
import { type ServiceName, services } from "../../../qmi/services.js";

/** A data call, as its client knows it. */
export interface Call {
  readonly packetDataHandle: number;
  readonly sessionId: number;
}

/** How far the signal must move to be told, in dB of RSSI, which all of this radio's values follow. */
export type SignalSteps =
  | { readonly is: "every" }
  | { readonly is: "delta"; readonly db: number }
  | { readonly is: "thresholds"; readonly dbm: readonly number[] };

export interface Client {
  readonly service: ServiceName;
  readonly id: number;
  /** Names of the indications it wants. */
  readonly wants: Set<string>;
  /** NAS. */
  signalSteps: SignalSteps;
  /** NAS: the RSSI when it was told last. */
  toldDbm: number | undefined;
  /** WDS: for the next START_NETWORK. */
  ipFamily: "ipv4" | "ipv6" | "unspecified";
  /** WDS: the channel of its calls; undefined: none was chosen. */
  muxId: number | undefined;
  /** WDS. */
  call: Call | undefined;
  /** VOICE: the reply to its USSD code is told. */
  asksUssdWithoutWaiting: boolean;
}

/** As many per service as firmware usually has. 0 is nobody, 255 everybody. */
const mostClients = 20;

export class Clients {
  readonly #all = new Set<Client>();
  #lastId = 0;

  *[Symbol.iterator](): Iterator<Client> {
    yield* this.#all;
  }

  find(service: ServiceName, id: number): Client | undefined {
    return [...this.#all].find((client) => client.service === service && client.id === id);
  }

  /** Undefined when the ids of this service are used up. */
  allocate(service: ServiceName): Client | undefined {
    if ([...this.#all].filter((client) => client.service === service).length >= mostClients) return undefined;
    do this.#lastId = (this.#lastId % 254) + 1;
    while (this.find(service, this.#lastId) !== undefined);
    const client: Client = {
      service,
      id: this.#lastId,
      wants: new Set(),
      signalSteps: { is: "every" },
      toldDbm: undefined,
      ipFamily: "unspecified",
      muxId: undefined,
      call: undefined,
      asksUssdWithoutWaiting: false,
    };
    this.#all.add(client);
    return client;
  }

  /** Every id that is still free goes to nobody. */
  takeAll(): void {
    for (const service of Object.keys(services) as ServiceName[]) while (this.allocate(service) !== undefined);
  }

  release(client: Client): void {
    this.#all.delete(client);
  }

  clear(): void {
    this.#all.clear();
  }
}
