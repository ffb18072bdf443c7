/** The ways in which one modem can connect, and which of them a call takes. */
import type { IpMethod } from "../../modem/types.js";
import type { Clock } from "../../runtime/clock.js";
import type { Log } from "../../runtime/log.js";
import type { SharedLink } from "../../runtime/shared-link.js";
import type { Chat } from "./chat.js";
import type { Dialler } from "./data-calls.js";
import type { AtDialect } from "./dialect.js";
import { NdisDialler } from "./ndis-dialler.js";
import { OwnPortDialler } from "./own-port-dialler.js";
import { type DataPort, PppDialler, type StartPpp } from "./ppp-dialler.js";
import { StandingDialler } from "./standing-dialler.js";

export interface DiallerOptions {
  readonly log: Log;
  readonly clock: Clock;
  /** The modem's network interface. */
  readonly interfaceName?: string | undefined;
  /** A serial port for PPP, and who speaks it. Without them a modem without interface makes no calls. */
  readonly dataPort?: DataPort;
  readonly startPpp?: StartPpp;
  /** The line of the only port, where PPP can go over nothing else. */
  readonly ownLine?: OwnLine;
  /** As configured at each call; absent: what the modem offers. */
  readonly ipMethod?: () => IpMethod | undefined;
}

export interface OwnLine {
  readonly line: SharedLink;
  /** Bits per second. */
  readonly baudRate: number;
}

interface Modem {
  readonly chat: Chat;
  readonly dialect: AtDialect;
  /** Whether the serving network is LTE or later. */
  isEps(): boolean;
  /** After a call over the only port. */
  resumed(): void;
}

export class Diallers {
  /** The modem's own interface goes first: PPP costs the host a process, and the modem its speed. */
  readonly #all: readonly Dialler[];
  readonly #ppp: Dialler | undefined;

  constructor(
    modem: Modem,
    private readonly options: DiallerOptions,
  ) {
    this.#ppp = overPort(modem, options);
    this.#all = [overInterface(modem, options), this.#ppp].filter((dialler) => dialler !== undefined);
  }

  /** For the next call; undefined: the modem makes none. */
  get choice(): Dialler | undefined {
    const [first] = this.#all;
    return this.options.ipMethod?.() === "ppp" ? (this.#ppp ?? first) : first;
  }

  /** @throws RangeError when the line cannot be read */
  hears(line: string): void {
    for (const dialler of this.#all) dialler.hears?.(line);
  }
}

function overInterface({ chat, dialect, isEps }: Modem, options: DiallerOptions): Dialler | undefined {
  const { clock, interfaceName } = options;
  const { connects } = dialect;
  if (interfaceName === undefined || connects === undefined) return undefined;
  if (connects === "ndis") return new NdisDialler({ chat, clock, interfaceName, isEps });
  return new StandingDialler({ chat, clock, interfaceName, ways: connects });
}

function overPort({ chat, resumed }: Modem, options: DiallerOptions): Dialler | undefined {
  const { dataPort, ownLine, startPpp, clock, log } = options;
  if (startPpp === undefined) return undefined;
  if (dataPort !== undefined) return new PppDialler({ chat, dataPort, startPpp, clock, log });
  return ownLine && new OwnPortDialler({ chat, ...ownLine, startPpp, log, resumed });
}
