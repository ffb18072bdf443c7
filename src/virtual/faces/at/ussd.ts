/** Dialogues by USSD: the command is answered at once, the network's word comes unasked. @see 3GPP TS 27.007 7.15 */
import { decodeUssd, encodeUssd, gsmCoding } from "../../../sms/ussd-text.js";
import type { ModemState } from "../../model/state.js";
import type { UssdSaid } from "../../model/ussd.js";
import { type Answer, no, ok, type Row, type Serving, small } from "./answer.js";
import type { PortSettings } from "./port-settings.js";
import { cme, cmeOf } from "./refusals.js";

/** Texts of the default alphabet: in ASCII, or Huawei's way, as octets of septets. */
export type UssdStyle = "plain" | "packed";

const endings = { terminated: 2, notSupported: 4, timedOut: 5 } as const;

/** What has no letter in ASCII is lost, as it is with the character set `IRA`. */
function written(text: string, style: UssdStyle): string {
  const { codingScheme, octets } = encodeUssd(text);
  const isPlain = codingScheme === gsmCoding && style === "plain";
  const value = isPlain ? text.replace(/[^\n\x20-\x7e]/g, "?").replace(/\n/g, "\r\n") : octets.toString("hex");
  return `"${isPlain ? value : value.toUpperCase()}",${codingScheme}`;
}

function lineOf(said: UssdSaid, style: UssdStyle): readonly string[] {
  if (said.is === "text") return [`+CUSD: ${said.asks ? 1 : 0},${written(said.text, style)}`];
  // The host's own doing is no news to it.
  return said.because === "cancelled" ? [] : [`+CUSD: ${endings[said.because]}`];
}

export function ussdLines(
  { ussd: before }: ModemState,
  { ussd: { word } }: ModemState,
  { ussdNews }: PortSettings,
  style: UssdStyle,
): readonly string[] {
  if (ussdNews === 0 || word === undefined || word.sequence === before.word?.sequence) return [];
  return lineOf(word.said, style);
}

/** @throws RangeError for hexadecimal digits that are none */
function readText(value: string, codingScheme: number, style: UssdStyle): string {
  if (codingScheme === gsmCoding && style === "plain") return value;
  if (!/^([0-9A-F]{2})+$/i.test(value)) throw new RangeError("no octets");
  return decodeUssd({ codingScheme, octets: Buffer.from(value, "hex") });
}

function send({ machine }: Serving, text: string): Answer {
  const isAsked = machine.state.ussd.dialogue.is === "asking";
  const { refusal, state } = machine.send({ type: isAsked ? "ussdRespond" : "ussdInitiate", text });
  if (refusal === undefined) return ok();
  // There is a radio for most other commands; a code needs a network.
  return no(refusal.why === "radioOff" ? cme.noService : cmeOf(refusal, state));
}

const set =
  (style: UssdStyle) =>
  (serving: Serving, [mode = "0", value, scheme = String(gsmCoding)]: readonly string[]): Answer => {
    const wanted = small(mode, 2);
    if (wanted === undefined) return no(cme.incorrectParameters);
    if (wanted === 2) {
      serving.machine.send({ type: "ussdCancel" });
      return ok();
    }
    serving.settings.ussdNews = wanted;
    return value === undefined ? ok() : send(serving, readText(value, Number(scheme), style));
  };

export const ussdRow = (style: UssdStyle): Row => ({
  name: "+CUSD",
  test: "(0-2)",
  read: ({ settings }) => ok(`+CUSD: ${settings.ussdNews}`),
  set: set(style),
});
