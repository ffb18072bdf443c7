/** What crosses the bus and what is put on it. Values: numbers, bigint for x and t, Uint8Array for ay, Variant for v. */

/** A value that carries its own type: `signature` is one single complete D-Bus type. */
export class Variant<T = unknown> {
  constructor(
    readonly signature: string,
    readonly value: T,
  ) {}
}

/** a{sv} */
export type Dict = Readonly<Record<string, Variant>>;

/** One interface as its XML file describes it; see contract.ts. */
export interface InterfaceDescription {
  /** The `<interface>` element. */
  readonly xml: string;
  readonly properties: Readonly<
    Record<string, { readonly signature: string; readonly writable: boolean; readonly signalled: boolean }>
  >;
  /** `out` has one entry per returned value. */
  readonly methods: Readonly<Record<string, { readonly in: string; readonly out: readonly string[] }>>;
  readonly signals: Readonly<Record<string, string>>;
}

/** Who called. */
export interface Caller {
  /** The unique name (`:1.42`); the daemon guarantees that it is true. Watch it with `Bus.watchSender`. */
  readonly sender: string;
}

/** The body of a reply with its signature. `signalsFirst` lets queued signals leave before it. */
export interface Reply {
  readonly signature: string;
  readonly body: readonly unknown[];
  readonly signalsFirst?: boolean;
}

export interface ExportedMethod {
  /** A call with any other signature is answered with UnknownMethod. */
  readonly inSignature: string;
  /** Throws or rejects with OfonoError, BusError, ModemError: see errors.ts. Anything else is logged and reads `Failed`. */
  call(args: readonly unknown[], caller: Caller): Reply | Promise<Reply>;
}

/** One interface on one path, ready to be called. Made by bind.ts and standard.ts. */
export interface ExportedInterface {
  readonly name: string;
  /** The `<interface>` element shown by introspection. */
  readonly xml: string;
  readonly methods: ReadonlyMap<string, ExportedMethod>;
}

/** A signal of another service. */
export interface ReceivedSignal {
  /** Unique name of the sender. */
  readonly sender: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly body: readonly unknown[];
}

/** Which signals `Bus.subscribe` wants; an absent key matches anything. */
export interface SignalRule {
  /** A unique or a well-known name. */
  readonly sender?: string;
  readonly path?: string;
  readonly interface?: string;
  readonly member?: string;
  readonly arg0?: string;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Default 25 000. */
  readonly timeoutMs?: number;
}

/** Flags of RequestName; all false by default, which queues behind the present owner. */
export interface NameFlags {
  readonly allowReplacement?: boolean;
  readonly replaceExisting?: boolean;
  readonly doNotQueue?: boolean;
}

/** `queued`: another program has the name and we are next. `taken`: it has it and we are not in the queue. */
export type NameResult = "owner" | "queued" | "taken";

export interface BusEvents {
  /** The bus is there; exports, matches and names are announced. Also after each reconnect. */
  connected: [];
  /** The bus went away; reconnecting goes on by itself until `close`. */
  lost: [reason: Error];
  nameAcquired: [name: string];
  /** Another program took the name, or it could not be had again after a reconnect. */
  nameLost: [name: string];
}
