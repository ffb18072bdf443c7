/**
 * Huawei's network interface (NCM, ECM, NDIS): ^NDISDUP connects it, ^NDISSTAT tells what became of that, ^DHCP? the
 * addresses. @see ME909s Series LTE Module AT Command Interface Specification, "^NDISDUP"
 */
import type { AtCommand } from "../../at/command.js";
import { huaweiAddresses } from "../../at/replies/dhcp.js";
import { type NdisStatus, ndisStatus, ndisStatusesOf } from "../../at/replies/ndisstat.js";
import { networkCause } from "../../codec/network-cause.js";
import { endedByNetwork } from "../../modem/ports.js";
import type { AuthMethod, DataCallRequest } from "../../modem/types.js";
import type { IpSettings } from "../../network/types.js";
import { type Clock, deadline, sleep } from "../../runtime/clock.js";
import { type FailureCause, ModemError } from "../../runtime/error.js";
import type { Chat } from "./chat.js";
import { checkedText, settleContext } from "./contexts.js";
import type { Connection, ConnectionEvents, Dialler } from "./data-calls.js";

export interface NdisDiallerContext {
  readonly chat: Chat;
  readonly clock: Clock;
  readonly interfaceName: string;
  /** Whether the serving network is LTE or later, which decides how its causes read. */
  isEps(): boolean;
}

/** ^NDISDUP always connects by this one. */
const cid = 1;
/** Networks give themselves half a minute for it. */
const connectMs = 60_000;
/** Not every firmware tells of a connection that it was asked for. */
const pollMs = 2_000;
const hangUpMs = 10_000;
/** For the second family, which follows at once or never. */
const secondFamilyMs = 1_500;

const authNumbers = { none: 0, pap: 1, chap: 2 } as const satisfies Record<AuthMethod, number>;

function connect({ apn, username, password, auth }: DataCallRequest): AtCommand {
  const texts = [
    checkedText(apn, "the APN"),
    checkedText(username, "the user name"),
    checkedText(password, "the password"),
  ];
  const given = username === "" ? texts.slice(0, 1) : texts;
  const values = [...given.map((text) => `"${text}"`), ...(username === "" ? [] : [authNumbers[auth]])];
  return { text: `AT^NDISDUP=${cid},1,${values.join(",")}`, secret: true, timeoutMs: connectMs };
}

const disconnect: AtCommand = { text: `AT^NDISDUP=${cid},0`, timeoutMs: hangUpMs };

type Waiter = (statuses: readonly NdisStatus[]) => void;
type Family = NdisStatus["family"];
type Families = ReadonlySet<Family>;

export class NdisDialler implements Dialler {
  #events: ConnectionEvents | undefined;
  #waiter: Waiter | undefined;
  #up: Families = new Set();
  /** With the network's cause, where it is told. */
  #refused: Map<Family, number | undefined> = new Map();

  constructor(private readonly context: NdisDiallerContext) {}

  hears(line: string): void {
    if (!/^\^NDISSTAT:/i.test(line)) return;
    const statuses = ndisStatusesOf(line);
    if (this.#waiter !== undefined) this.#waiter(statuses);
    else this.#ended(statuses);
  }

  async dial(request: DataCallRequest, events: ConnectionEvents, signal: AbortSignal): Promise<Connection> {
    const { chat, interfaceName } = this.context;
    await settleContext(chat, cid, request, signal);
    try {
      this.#up = await this.#connect(request, signal);
      const settings = await this.#settings(request, signal);
      this.#events = events;
      const [refused] = [...this.#refused.keys()].filter((family) => !this.#up.has(family));
      const only = refused === undefined ? {} : { only: refused === "ipv4" ? ("ipv6" as const) : ("ip" as const) };
      return { interfaceName, settings, ...(request.protocol === "dual" ? only : {}), hangUp: () => this.#hangUp() };
    } catch (error) {
      // Also where it was refused: some firmware tries on by itself.
      if (!(error instanceof ModemError) || error.code !== "unplugged") await this.#hangUp().catch(() => undefined);
      throw error;
    }
  }

  async #connect(request: DataCallRequest, signal: AbortSignal): Promise<Families> {
    const { chat, clock } = this.context;
    const wait = deadline(clock, connectMs, signal, () => new ModemError("timeout", "^NDISDUP: no connection"));
    const over = new AbortController();
    const until = AbortSignal.any([wait.signal, over.signal]);
    this.#refused = new Map();
    const told = this.#told(request, until);
    // It may be over before the command is.
    told.catch(() => undefined);
    try {
      await chat.tell(connect(request), wait.signal);
      return await Promise.race([told, this.#polled(request, until)]);
    } finally {
      this.#waiter = undefined;
      over.abort(new ModemError("aborted", "the connection is up or refused"));
      wait.release();
    }
  }

  /** Each family is told by itself; the second is waited for, but not for long. */
  #told(request: DataCallRequest, signal: AbortSignal): Promise<Families> {
    const up = new Set<Family>();
    let cancel: () => void = () => undefined;
    return new Promise((resolve, reject) => {
      const left = () => {
        cancel();
        reject(signal.reason);
      };
      signal.addEventListener("abort", left, { once: true });
      this.#waiter = (statuses) => {
        for (const { family, isUp, cause } of statuses) {
          if (!isUp) this.#refused.set(family, cause);
          else if (askedFor(request).includes(family)) up.add(family);
        }
        cancel();
        if (askedFor(request).every((family) => up.has(family) || this.#refused.has(family)))
          if (up.size > 0) resolve(up);
          else reject(this.#refusal());
        else if (up.size > 0) cancel = this.context.clock.after(secondFamilyMs, () => resolve(up));
      };
    });
  }

  /** Also the end of the wait for a second family whose refusal is not told. */
  async #polled(request: DataCallRequest, signal: AbortSignal): Promise<Families> {
    const { chat, clock } = this.context;
    for (;;) {
      await sleep(clock, pollMs, signal);
      const up = upOf((await chat.askIfAble(ndisStatus, signal)) ?? [], request);
      if (up.size > 0) return up;
      if (this.#refused.size > 0) throw this.#refusal();
    }
  }

  /** Firmware that tells no address has a DHCP server behind the interface, which is the modem itself. */
  async #settings(request: DataCallRequest, signal: AbortSignal): Promise<IpSettings> {
    const told = this.#up.has("ipv4") ? await this.context.chat.askIfAble(huaweiAddresses, signal) : undefined;
    return {
      ...(this.#up.has("ipv4")
        ? { ipv4: told === undefined ? { method: "dhcp" } : { method: "static", ...told } }
        : {}),
      // Prefix and address come by router advertisement.
      ...(this.#up.has("ipv6") && request.protocol !== "ip" ? { ipv6: { dns: [] } } : {}),
    };
  }

  async #hangUp(): Promise<void> {
    this.#events = undefined;
    this.#up = new Set();
    const wait = deadline(this.context.clock, hangUpMs, undefined, () => new ModemError("timeout", "^NDISDUP"));
    try {
      await this.context.chat.tell(disconnect, wait.signal);
    } catch (error) {
      // Refused: there is nothing to take down.
      if (error instanceof ModemError && (error.code === "timeout" || error.code === "aborted")) throw error;
    } finally {
      wait.release();
    }
  }

  #ended(statuses: readonly NdisStatus[]): void {
    const down = statuses.filter(({ isUp }) => !isUp);
    const left = new Set([...this.#up].filter((family) => !down.some((status) => status.family === family)));
    const isOver = this.#up.size > 0 && left.size === 0;
    this.#up = left;
    if (!isOver) return;
    const events = this.#events;
    this.#events = undefined;
    events?.ended(endedByNetwork(this.#causeOf(down.find(({ cause }) => cause !== undefined)?.cause)));
  }

  #causeOf(number: number | undefined): FailureCause | undefined {
    return networkCause(this.context.isEps() ? "esm" : "sm", number ?? 0);
  }

  #refusal(): ModemError {
    const cause = [...this.#refused.values()].find((number) => number !== undefined);
    return new ModemError("refused", "the network refused the connection", { failure: this.#causeOf(cause) });
  }
}

const families = { ip: ["ipv4"], ipv6: ["ipv6"], dual: ["ipv4", "ipv6"] } as const;
const askedFor = ({ protocol }: DataCallRequest): readonly Family[] => families[protocol];

const upOf = (statuses: readonly NdisStatus[], request: DataCallRequest): Families =>
  new Set(
    statuses.filter(({ isUp, family }) => isUp && askedFor(request).includes(family)).map(({ family }) => family),
  );
