/** Which generations and bands the modem may use, by the first of its family's ways that its firmware knows. */
import type { AtQuery } from "../../at/command.js";
import type { RadioSelectionPort } from "../../modem/ports.js";
import type { Bands, Generation, RadioChoice, RadioSelection } from "../../modem/types.js";
import { ModemError } from "../../runtime/error.js";
import { checkModes, checkSomeBands, generations, noSuchBand, strangeBands } from "../radio-choice.js";
import { type Chat, isRefusal } from "./chat.js";
import type { AtDialect } from "./dialect.js";
import type { FirmwareFacts } from "./firmware-facts.js";
import type { SelectionFound } from "./radio-selector.js";

export interface RadioSelectionContext {
  readonly chat: Chat;
  readonly dialect: Pick<AtDialect, "selectors">;
  readonly facts: FirmwareFacts;
}

/** Some firmware looks for a network before it answers. */
const chooseMs = 15_000;

const union = (a: Bands, b: Bands): Bands =>
  Object.fromEntries(
    generations.flatMap((one) => {
      const all = [...new Set([...(a[one] ?? []), ...(b[one] ?? [])])].sort((x, y) => x - y);
      return all.length === 0 ? [] : [[one, all]];
    }),
  );

/** In the order of the generations, which answers have. */
const inOrder = (modes: readonly Generation[]): readonly Generation[] =>
  generations.filter((one) => modes.includes(one));

class AtRadioSelection implements RadioSelectionPort {
  constructor(private readonly context: RadioSelectionContext) {}

  async read(signal: AbortSignal): Promise<RadioSelection> {
    const found = await this.#find(signal);
    return { supported: found.supported, preferred: found.preferred };
  }

  async prefer(wanted: Partial<RadioChoice>, signal: AbortSignal): Promise<void> {
    const found = await this.#find(signal);
    checkModes(wanted, found.supported);
    checkSomeBands(wanted);
    const [strange] = strangeBands(wanted, found.supported);
    if (strange !== undefined && found.tellsBands) throw noSuchBand(strange, found.supported);
    const next = { ...wanted, ...(wanted.modes === undefined ? {} : { modes: inOrder(wanted.modes) }) };
    if (strange === undefined) await this.#choose(found, next, signal);
    else await this.#tryBands(found, next, strange, signal);
  }

  async #choose(found: SelectionFound, wanted: Partial<RadioChoice>, signal: AbortSignal): Promise<void> {
    const commands = found.choose(wanted);
    if (commands === undefined)
      throw new ModemError("invalid", `this modem cannot be told to use ${wanted.modes?.join(" and ")} alone`);
    for (const command of commands) await this.context.chat.tell({ ...command, timeoutMs: chooseMs }, signal);
  }

  /** Where the firmware does not tell which bands it has, it says so by what it takes. */
  async #tryBands(
    found: SelectionFound,
    wanted: Partial<RadioChoice>,
    strange: Generation,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      await this.#choose(found, wanted, signal);
    } catch (cause) {
      if (!isRefusal(cause)) throw cause;
      throw new ModemError("invalid", `the modem takes no such band of ${strange}`, { cause });
    }
    const now = await this.#find(signal);
    if (strangeBands(wanted, now.supported).length === 0) return;
    await this.#choose(now, { bands: found.preferred.bands }, signal);
    throw noSuchBand(strange, now.supported);
  }

  /** @throws ModemError `unsupported` where the firmware knows none of the commands */
  async #find(signal: AbortSignal): Promise<SelectionFound> {
    const { chat, dialect, facts } = this.context;
    const ask = <T>(query: AtQuery<T>) => chat.askIfKnown(query, signal);
    for (const selector of dialect.selectors) {
      const found = await selector(ask);
      if (found === undefined) continue;
      if (found.tellsBands) return found;
      const bands = union(facts.bands ?? {}, found.supported.bands);
      facts.learnBands(bands);
      await facts.keep();
      return { ...found, supported: { ...found.supported, bands } };
    }
    throw new ModemError("unsupported", "no command of this firmware for modes and bands is known");
  }
}

export const radioSelectionPort = (context: RadioSelectionContext): RadioSelectionPort => new AtRadioSelection(context);
