import { errorText } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import { type CallPath, callDriver } from "./driver-calls.js";
import type { IncomingMessage } from "./message.js";
import type { ReceivedSignal, SignalRule } from "./types.js";

interface Subscription {
  readonly rule: SignalRule;
  /** Who the well-known name of the rule belongs to now; the daemon puts unique names on messages. */
  readonly senderNow: (() => string | undefined) | undefined;
  readonly listener: (signal: ReceivedSignal) => void;
}

const quoted = (value: string): string => `'${value.replaceAll("'", "'\\''")}'`;

/** @see D-Bus Specification, "Match Rules" */
export function ruleText(rule: SignalRule): string {
  const keys = ["sender", "path", "interface", "member", "arg0"] as const;
  const parts = keys.flatMap((key) => (rule[key] === undefined ? [] : [`${key}=${quoted(rule[key])}`]));
  return ["type='signal'", ...parts].join(",");
}

/** Who wants which signals. Each rule is given to the daemon once, however many want it, and again after a reconnect. */
export class Matches {
  readonly #subscriptions = new Set<Subscription>();
  readonly #counts = new Map<string, number>();
  /** The rules that the present daemon has been given. */
  readonly #told = new Set<string>();

  constructor(
    private readonly bus: CallPath,
    private readonly isConnected: () => boolean,
    private readonly log: Log,
  ) {}

  add(subscription: Subscription): () => void {
    const text = ruleText(subscription.rule);
    this.#subscriptions.add(subscription);
    const count = this.#counts.get(text) ?? 0;
    this.#counts.set(text, count + 1);
    if (count === 0 && this.isConnected()) this.#tell("AddMatch", text).catch(this.#failed);
    return () => {
      if (!this.#subscriptions.delete(subscription)) return;
      const left = (this.#counts.get(text) ?? 1) - 1;
      if (left > 0) this.#counts.set(text, left);
      else {
        this.#counts.delete(text);
        if (this.#told.delete(text)) this.#tell("RemoveMatch", text).catch(this.#failed);
      }
    };
  }

  /** Gives every rule to a new daemon. */
  async announce(): Promise<void> {
    const untold = [...this.#counts.keys()].filter((text) => !this.#told.has(text));
    await Promise.all(untold.map((text) => this.#tell("AddMatch", text)));
  }

  /** The daemon is gone, and what it had been told. */
  lost(): void {
    this.#told.clear();
  }

  /** Hands a signal to everybody whose rule it fits; a listener that throws is logged and spares the others. */
  deliver(message: IncomingMessage): void {
    const { sender, path, interface: iface, member, body } = message;
    if (body === undefined || sender === undefined || path === undefined || member === undefined) return;
    const signal: ReceivedSignal = { sender, path, interface: iface ?? "", member, body };
    for (const subscription of [...this.#subscriptions]) {
      if (!fits(subscription, signal)) continue;
      try {
        subscription.listener(signal);
      } catch (error) {
        this.log.error(`listener of ${ruleText(subscription.rule)} failed: ${errorText(error)}`);
      }
    }
  }

  async #tell(member: "AddMatch" | "RemoveMatch", text: string): Promise<void> {
    if (member === "AddMatch") this.#told.add(text);
    await callDriver(this.bus, member, "s", [text]);
  }

  readonly #failed = (error: unknown): void => {
    // Without a bus the rules are given again by `announce`.
    if (this.isConnected()) this.log.error(`match rule: ${errorText(error)}`);
  };
}

function fits({ rule, senderNow }: Subscription, signal: ReceivedSignal): boolean {
  const sender = senderNow === undefined ? rule.sender : senderNow();
  if (rule.sender !== undefined && signal.sender !== sender) return false;
  if (rule.arg0 !== undefined && signal.body[0] !== rule.arg0) return false;
  const keys = ["path", "interface", "member"] as const;
  return keys.every((key) => rule[key] === undefined || rule[key] === signal[key]);
}
