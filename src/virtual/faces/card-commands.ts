/** What the card answers to an APDU: files of its USIM, and what its applications are asked for. */
import type { ModemMachine } from "../machine.js";
import { answerApdu, usimAid } from "../model/card-applications.js";
import { fileNumbered } from "./card-files.js";

/** Short identifiers of files. @see 3GPP TS 31.102 annex H */
const byShortId: Readonly<Record<number, number>> = { 7: 28423, 13: 28539 };
const readBinary = 0xb0;
const updateBinary = 0xd6;
/** In the first parameter: the other bits are a short identifier. @see ETSI TS 102 221 11.1.3.2 */
const isShortId = 0x80;

/** @see ETSI TS 102 221 10.2 */
const words = {
  ok: Buffer.from("9000", "hex"),
  securityNotSatisfied: Buffer.from("6982", "hex"),
  noSuchFile: Buffer.from("6a82", "hex"),
  wrongLength: Buffer.from("6700", "hex"),
} as const;

/** Undefined: the channel is not open. */
export function answerCommand(machine: ModemMachine, channel: number, apdu: Buffer): Buffer | undefined {
  const { profile, state } = machine;
  const opened = state.channels.find(({ number }) => number === channel);
  if (channel !== 0 && opened === undefined) return undefined;
  const [, instruction, first = 0] = apdu;
  const isFile = instruction === readBinary || instruction === updateBinary;
  if (!isFile || opened?.aid.equals(usimAid) !== true || (first & isShortId) === 0)
    return answerApdu(profile, state, channel, apdu);
  const file = fileNumbered(byShortId[first & 0x1f] ?? 0);
  if (file === undefined) return words.noSuchFile;
  if (file.needsPin && state.sim.slot !== "ready") return words.securityNotSatisfied;
  const content = file.read(state.sim, profile);
  if (instruction === readBinary) return Buffer.concat([content, words.ok]);
  const written = apdu.subarray(5);
  if (file.write === undefined) return words.securityNotSatisfied;
  if (written.length !== content.length) return words.wrongLength;
  machine.send(file.write(written));
  return words.ok;
}
