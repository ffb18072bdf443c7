/**
 * ^SYSCFG: which radios and bands a Huawei modem without LTE uses. Values as Huawei's published modem sources describe them
 * (at_phone_as_cmd_tbl.c); no manual was at hand.
 */
import { type AtCommand, type AtQuery, lines as answerLines } from "../command.js";
import { hexadecimalMask, namedMasks } from "../masks.js";
import { onlyLine, parameters, whole } from "../parameters.js";
import type { Radio } from "./ws46.js";

export interface HuaweiOldSystems {
  readonly radios: readonly Radio[];
  readonly bands: bigint;
}

/** `<mode>`; 16 leaves it alone. */
const modes: Readonly<Record<number, readonly Radio[]>> = { 2: ["gsm", "umts"], 13: ["gsm"], 14: ["umts"] };
const unchanged = { mode: 16, order: 3, bands: "40000000", roaming: 2, domain: 4 } as const;

/** Both are looked for, and none before the other. */
const anyOrder = 0;

export const huaweiOldSystems: AtQuery<HuaweiOldSystems> = {
  text: "AT^SYSCFG?",
  answer: answerLines("^SYSCFG:"),
  read: (lines) => {
    const [mode, , bands] = parameters(onlyLine(lines));
    const radios = modes[whole(mode)];
    if (radios === undefined) throw new RangeError("a mode that is not known");
    return { radios, bands: hexadecimalMask(bands) };
  },
};

/** What there is to choose from: the mask is 0 where the firmware names no bands. */
export const huaweiOldChoices: AtQuery<HuaweiOldSystems> = {
  text: "AT^SYSCFG=?",
  answer: answerLines("^SYSCFG:"),
  read: (lines) => {
    const [list = "", , bands] = parameters(lines.join(""));
    const numbers = (list.match(/[0-9]+/g) ?? []).map(Number);
    const order: readonly Radio[] = ["gsm", "umts"];
    const radios = order.filter((radio) => numbers.some((number) => modes[number]?.includes(radio)));
    if (radios.length === 0) throw new RangeError("an answer without a radio that is known");
    return { radios, bands: namedMasks(bands) };
  },
};

/** Which radios there are. */
export const huaweiOldRadios: AtQuery<readonly Radio[]> = {
  ...huaweiOldChoices,
  read: (lines) => huaweiOldChoices.read(lines).radios,
};

/** What is absent stays. */
export function chooseHuaweiOldSystems({ radios, bands }: Partial<HuaweiOldSystems>): AtCommand {
  const mode = Object.entries(modes).find(([, known]) => known.join() === radios?.join())?.[0] ?? unchanged.mode;
  const order = radios === undefined ? unchanged.order : anyOrder;
  const mask = bands?.toString(16).toUpperCase() ?? unchanged.bands;
  return { text: `AT^SYSCFG=${[mode, order, mask, unchanged.roaming, unchanged.domain].join(",")}` };
}
