/** ATI: who the device is, in each vendor's own words. @see ITU-T V.250 6.1.3 */
import { type AtQuery, bareOr } from "../command.js";

export interface Identification {
  readonly manufacturer?: string;
  readonly model?: string;
  readonly revision?: string;
  /** 15 digits. */
  readonly imei?: string;
  /** What `+GCAP` says. */
  readonly capabilities: readonly string[];
}

/** `Model: E3372`. Some firmware has blanks before the colon, or none behind it. */
const labelled = /^(Manufacturer|Model|Revision|IMEI|\+GCAP) *: *(.*)$/i;

/** Quectel's way: manufacturer and model as lines of their own, the revision labelled. */
function byPosition(lines: readonly string[]): Pick<Identification, "manufacturer" | "model"> {
  const [manufacturer, model] = lines.filter((line) => !labelled.test(line));
  return { ...(manufacturer && { manufacturer }), ...(model && { model }) };
}

/** Lines with labels are what they say. Lines without are trusted where the maker is known to have them in this order. */
export const isTrusted = ({ manufacturer = "", imei, revision }: Identification): boolean =>
  (imei !== undefined && revision !== undefined) || /quectel/i.test(manufacturer);

export const identification: AtQuery<Identification> = {
  text: "ATI",
  answer: bareOr("+GCAP:"),
  read: (lines) => {
    if (lines.length === 0) throw new RangeError("an answer without a line");
    const said = new Map<string, string>();
    for (const line of lines) {
      const [, label = "", text = ""] = labelled.exec(line) ?? [];
      if (label !== "" && text !== "") said.set(label.toLowerCase(), text);
    }
    const named = said.has("manufacturer") || said.has("model");
    const [manufacturer, model, revision] = ["manufacturer", "model", "revision"].map((label) => said.get(label));
    const [imei] = /[0-9]{15}/.exec(said.get("imei") ?? "") ?? [];
    return {
      ...(named ? { ...(manufacturer && { manufacturer }), ...(model && { model }) } : byPosition(lines)),
      ...(revision && { revision }),
      ...(imei && { imei }),
      capabilities: (said.get("+gcap") ?? "").split(",").flatMap((one) => (one.trim() === "" ? [] : [one.trim()])),
    };
  },
};
