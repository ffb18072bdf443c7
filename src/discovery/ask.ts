/** Which ports of a modem are asked, in which order, and what their answers make of it. */
import { errorText } from "../runtime/error.js";
import type { PortAnswer, PortProber } from "./probe.js";
import { type PortSnapshot, portPath } from "./snapshot.js";
import type { Verdict } from "./verdict.js";

export type ModemVerdict = Extract<Verdict, { readonly is: "modem" }>;

export interface Answered {
  /** Empty until the modem says it. */
  readonly imei: string | undefined;
  /** The port that answered; of several AT ports the first that did. */
  readonly control: PortSnapshot;
  /** AT ports that answered, with what they are for. */
  readonly at: readonly { readonly port: PortSnapshot; readonly role: "at" | "modem" }[];
  /** Why nobody answered. */
  readonly failure: string | undefined;
}

/** Asks the control port. A modem of serial ports only is asked port by port: tables guess, answers decide. */
export async function askModem(verdict: ModemVerdict, prober: PortProber, signal: AbortSignal): Promise<Answered> {
  const candidates = verdict.protocol === "at" && verdict.control.kind === "tty" ? verdict.at : [verdict.control];
  const answers: { readonly port: PortSnapshot; readonly answer: PortAnswer }[] = [];
  const failures: string[] = [];
  for (const port of candidates) {
    const question = { path: portPath(port), protocol: verdict.protocol, net: verdict.net?.name };
    try {
      answers.push({ port, answer: await prober.ask(question, signal) });
    } catch (error) {
      if (signal.aborted) throw error;
      failures.push(errorText(error));
    }
  }
  const [first] = answers;
  return {
    imei: answers.find(({ answer }) => answer.imei !== undefined)?.answer.imei,
    control: (answers.find(({ answer }) => answer.role !== "modem") ?? first)?.port ?? verdict.control,
    at: verdict.protocol === "at" ? answers.map(({ port, answer }) => ({ port, role: answer.role ?? "at" })) : [],
    failure: first === undefined ? failures.join("; ") : undefined,
  };
}
