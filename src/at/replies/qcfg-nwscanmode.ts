/**
 * +QCFG="nwscanmode": which radios a Quectel modem looks for. By answers that people have published; the EC2x QCFG AT Commands
 * Manual was not at hand.
 */
import { type AtCommand, type AtQuery, lines as answerLines } from "../command.js";
import { onlyLine, parameters, whole } from "../parameters.js";
import type { Radio } from "./ws46.js";

/** 0: whatever there is. 5 is UMTS as well, where 2 is WCDMA and TD-SCDMA has a number of its own. */
const modes: Readonly<Record<number, readonly Radio[]>> = { 0: [], 1: ["gsm"], 2: ["umts"], 3: ["lte"], 5: ["umts"] };

/** Empty: whatever there is. */
export const quectelMode: AtQuery<readonly Radio[]> = {
  text: 'AT+QCFG="nwscanmode"',
  answer: answerLines("+QCFG:"),
  read: (lines) => {
    const [key, number] = parameters(onlyLine(lines));
    const radios = modes[whole(number)];
    if (key?.toLowerCase() !== "nwscanmode" || radios === undefined) throw new RangeError("a mode that is not known");
    return radios;
  },
};

/** With effect at once. Undefined: it can look for one radio, or for whatever there is. */
export function chooseQuectelMode(radios: readonly Radio[]): AtCommand | undefined {
  const [number] = Object.entries(modes).find(([, known]) => known.join() === radios.join()) ?? [];
  return number === undefined ? undefined : { text: `AT+QCFG="nwscanmode",${number},1` };
}
