/** The messages of one card, as far as the modem has such a thing. */
import type { Operations } from "../operations.js";
import type { CardIdentity, ModemSetup } from "../setup.js";
import type { SmsPort } from "../sms-ports.js";
import { SmsMemory } from "./memory.js";
import { MessagesPart } from "./part.js";

export async function openMessages(
  port: SmsPort | undefined,
  card: CardIdentity,
  { smsStore: store, log, random = Math.random }: ModemSetup,
  operations: Operations,
): Promise<MessagesPart | undefined> {
  if (port === undefined) return undefined;
  const memory = await SmsMemory.open({ card, store, operations, log });
  return new MessagesPart({ port, operations, memory, log, now: () => Date.now(), random: () => random() });
}
