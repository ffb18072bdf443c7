/**
 * ^SYSCFGEX: which radios and bands a Huawei modem with LTE uses, in which order. Values as Huawei's published modem sources
 * describe them (at_phone_as_cmd_tbl.c); roaming and domain are left as they are by the
 * values that ModemManager sends.
 */
import { type AtCommand, type AtQuery, lines as answerLines } from "../command.js";
import { hexadecimalMask, namedMasks } from "../masks.js";
import { onlyLine, parameters } from "../parameters.js";
import type { Radio } from "./ws46.js";

export interface HuaweiSystems {
  /** Empty: whatever there is. */
  readonly radios: readonly Radio[];
  /** GSM's and UMTS' in one. */
  readonly oldBands: bigint;
  readonly lteBands: bigint;
}

/** Two digits each in `<acqorder>`; 00 is automatic. */
const names: Readonly<Record<string, Radio>> = { "01": "gsm", "02": "umts", "03": "lte", "08": "nr" };
const numbers = { gsm: "01", umts: "02", lte: "03", nr: "08" } as const satisfies Record<Radio, string>;

/** Every band there is, and the bit that leaves alone what is set. */
export const anyOldBand = 0x3fff_ffffn;
export const anyLteBand = 0x7fff_ffff_ffff_ffffn;
const unchanged = "40000000";

export const huaweiSystems: AtQuery<HuaweiSystems> = {
  text: "AT^SYSCFGEX?",
  answer: answerLines("^SYSCFGEX:"),
  read: (lines) => {
    const [order = "", oldBands, , , lteBands] = parameters(onlyLine(lines));
    if (!/^([0-9A-F]{2})+$/i.test(order)) throw new RangeError("no order of systems");
    const radios = (order.match(/../g) ?? []).flatMap((number) => names[number] ?? []);
    return { radios, oldBands: hexadecimalMask(oldBands), lteBands: hexadecimalMask(lteBands) };
  },
};

/** What there is to choose from: a mask is 0 where the firmware names no bands. */
export const huaweiChoices: AtQuery<HuaweiSystems> = {
  text: "AT^SYSCFGEX=?",
  answer: answerLines("^SYSCFGEX:", "("),
  read: (lines) => {
    // Firmware breaks the line where it gets long.
    const [orders = "", oldBands, , , lteBands] = parameters(lines.join(""));
    const found = new Set((orders.match(/[0-9]{2}/g) ?? []).flatMap((number) => names[number] ?? []));
    if (found.size === 0) throw new RangeError("an answer without a radio that is known");
    const order: readonly Radio[] = ["gsm", "umts", "lte", "nr"];
    return {
      radios: order.filter((radio) => found.has(radio)),
      oldBands: namedMasks(oldBands),
      lteBands: namedMasks(lteBands),
    };
  },
};

/** Which radios there are. */
export const huaweiRadios: AtQuery<readonly Radio[]> = {
  ...huaweiChoices,
  read: (lines) => huaweiChoices.read(lines).radios,
};

const hexadecimal = (mask: bigint | undefined): string => mask?.toString(16).toUpperCase() ?? unchanged;

/** The newest first; none: automatic. What is absent stays, as do roaming (2) and the domains (4). */
export function chooseHuaweiSystems({ radios, oldBands, lteBands }: Partial<HuaweiSystems>): AtCommand {
  const order =
    radios === undefined
      ? "99"
      : [...radios]
          .reverse()
          .map((radio) => numbers[radio])
          .join("");
  const values = [`"${order === "" ? "00" : order}"`, hexadecimal(oldBands), 2, 4, hexadecimal(lteBands), "", ""];
  return { text: `AT^SYSCFGEX=${values.join(",")}` };
}
