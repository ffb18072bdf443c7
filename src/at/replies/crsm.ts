/** +CRSM: files of the card, where the modem lets the host at them. @see 3GPP TS 27.007 8.18, ETSI TS 102 221 11.1 */
import { type AtQuery, lines as answerLines } from "../command.js";
import { onlyLine, parameters, whole } from "../parameters.js";

/** What the card says to one command. */
export interface CardAnswer {
  /** SW1 and SW2: `0x9000`. @see ETSI TS 102 221 10.2 */
  readonly status: number;
  readonly data: Buffer;
}

/** Carried out; or so, and the card has something to tell its terminal beside. */
export const isDone = ({ status }: CardAnswer): boolean => status === 0x9000 || status >> 8 === 0x91;

const instructions = { readBinary: 176, getResponse: 192, updateBinary: 214 } as const;

/** Some firmware leaves out the quotation marks. */
function read(lines: readonly string[]): CardAnswer {
  const [first, second, data = ""] = parameters(onlyLine(lines));
  if (!/^([0-9A-F]{2})*$/i.test(data)) throw new RangeError("an answer that is no octets");
  return { status: whole(first) * 256 + whole(second), data: Buffer.from(data, "hex") };
}

const command = (...values: readonly (number | string)[]): AtQuery<CardAnswer> => ({
  text: `AT+CRSM=${values.join(",")}`,
  answer: answerLines("+CRSM:"),
  read,
});

/** Of the fixed form; firmware that refuses zero tells a template whole all the same. */
const parameterOctets = 15;

/** What SELECT tells of a file, its size among that. @param file its identifier, e.g. 0x6f7b */
export const fileParameters = (file: number): AtQuery<CardAnswer> =>
  command(instructions.getResponse, file, 0, 0, parameterOctets);

/** @param length up to 255 */
export const fileContent = (file: number, offset: number, length: number): AtQuery<CardAnswer> =>
  command(instructions.readBinary, file, offset >> 8, offset & 0xff, length);

/** @param content up to 255 octets */
export const writtenFile = (file: number, content: Buffer): AtQuery<CardAnswer> =>
  command(instructions.updateBinary, file, 0, 0, content.length, `"${content.toString("hex").toUpperCase()}"`);

/**
 * In the answer to `fileParameters`: a template with a tag for it, or the fixed form of older cards. Undefined where it has
 * none. @see ETSI TS 102 221 11.1.1.3, 3GPP TS 51.011 9.2.1
 */
export function sizeIn(parameters: Buffer): number | undefined {
  const template = 0x62;
  if (parameters[0] !== template) return parameters.length < 4 ? undefined : parameters.readUInt16BE(2);
  const sizeTag = 0x80;
  for (let at = 2; at + 2 <= parameters.length; at += 2 + (parameters[at + 1] ?? 0)) {
    const length = parameters[at + 1] ?? 0;
    if (parameters[at] === sizeTag && length === 2 && at + 4 <= parameters.length)
      return parameters.readUInt16BE(at + 2);
  }
  return undefined;
}
