/** What one port remembers: echo, results, and which news it wants. */
import type { MessageStorage } from "../../model/messages.js";

export interface PortSettings {
  echo: boolean;
  /** V: results as words. */
  verbose: boolean;
  /** Q: no results at all. */
  quiet: boolean;
  /** +CMEE: 0 ERROR, 1 numbers, 2 words. */
  errors: number;
  /** +CREG, +CGREG, +CEREG: 0 no news, 1 the state, 2 with area and cell, 3 with the cause of a refusal. */
  readonly news: Record<RegistrationName, number>;
  /** +COPS=3: 0 long name, 1 short name, 2 numbers. */
  operatorFormat: number;
  /** ^CURC: Huawei's own news. */
  vendorNews: boolean;
  /** +CPMS: what messages are read and deleted from. */
  messageMemory: MessageStorage;
  /** +CNMI: 0 no news, 1 where a message is kept, 2 the message. */
  messageNews: number;
  /** +CNMI: 1 hands reports over. */
  reportNews: number;
  /** +CSMS: 1 waits for a word about every message that is handed over. */
  messageService: number;
  /** Messages that were handed over and wait for that. */
  unacknowledged: number;
  /** +CUSD: 1 tells what the network says. */
  ussdNews: number;
  /** Values that are kept and told, and change nothing here: by command name. */
  readonly kept: Map<string, string>;
}

export const registrationNames = ["+CREG", "+CGREG", "+CEREG"] as const;
export type RegistrationName = (typeof registrationNames)[number];

export const freshSettings = (): PortSettings => ({
  echo: true,
  verbose: true,
  quiet: false,
  errors: 0,
  news: { "+CREG": 0, "+CGREG": 0, "+CEREG": 0 },
  operatorFormat: 0,
  vendorNews: true,
  messageMemory: "device",
  messageNews: 0,
  reportNews: 0,
  messageService: 0,
  unacknowledged: 0,
  ussdNews: 0,
  kept: new Map(),
});
