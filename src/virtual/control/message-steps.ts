/** Steps about short messages: arguments to PDUs. */
import { decodeReceived } from "../../sms/pdu.js";
import { messageParts } from "../model/message-network.js";

/** What the words of a step cannot be. */
export class BadMessage extends Error {}

const classWord = /^class([0-3])$/;

function made<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof RangeError) throw new BadMessage(error.message);
    throw error;
  }
}

/** `[class0] SENDER TEXT...`: the parts of a message that somebody sends; `reference` if it is more than one. */
export function partsFor(
  args: readonly string[],
  {
    reference,
    serviceCentre,
    atMs,
  }: { readonly reference: number; readonly serviceCentre: string; readonly atMs: number },
): readonly Buffer[] {
  const messageClass = classWord.exec(args[0] ?? "")?.[1];
  const [sender, ...words] = messageClass === undefined ? args : args.slice(1);
  if (sender === undefined || words.length === 0) throw new BadMessage("expected a sender and a text");
  const kind = messageClass === undefined ? {} : { messageClass: Number(messageClass) as 0 | 1 | 2 | 3 };
  return made(() => messageParts({ sender, text: words.join(" "), ...kind }, reference, serviceCentre, atMs));
}

/** `HEX...`: TPDUs as they are, the service centre in front. */
export function pdusFor(args: readonly string[]): readonly Buffer[] {
  if (args.length === 0) throw new BadMessage("expected a message in hexadecimal");
  return args.map((text) => {
    if (!/^([0-9a-fA-F]{2})+$/.test(text)) throw new BadMessage(`expected hexadecimal, found ${text}`);
    const pdu = Buffer.from(text, "hex");
    made(() => decodeReceived(pdu));
    return pdu;
  });
}
