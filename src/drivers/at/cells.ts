/** The serving cell: what the modem tells anyway, or the vendor's own view of it. */
import type { CellsPort } from "../../modem/ports.js";
import type { Cell, Generation, Registration, Signal, Technology } from "../../modem/types.js";
import type { Chat } from "./chat.js";
import type { AtDialect } from "./dialect.js";

export interface CellsContext {
  readonly chat: Chat;
  readonly dialect: Pick<AtDialect, "cell">;
  registration(): Registration;
  signal(signal: AbortSignal): Promise<Signal>;
}

const generations: Readonly<Record<Technology, Generation>> = {
  gsm: "gsm",
  edge: "gsm",
  umts: "umts",
  hspa: "umts",
  lte: "lte",
  nr: "nr",
};

export const cellsPort = ({ chat, dialect, registration, signal: measure }: CellsContext): CellsPort => ({
  read: async (signal) => {
    const own = dialect.cell && (await chat.askIfKnown(dialect.cell, signal));
    if (own !== undefined) {
      const { system, ...cell } = own;
      return [{ generation: system, serving: true, ...cell }];
    }
    const { technology, mcc, mnc, areaCode, cellId } = registration();
    if (technology === undefined || mcc === undefined || mnc === undefined) return [];
    const { others: _others, generation: _generation, ...measured } = await measure(signal);
    const cell: Cell = {
      ...{ generation: generations[technology], serving: true, mcc, mnc },
      ...(areaCode === undefined ? {} : { areaCode }),
      ...(cellId === undefined ? {} : { cellId }),
      ...measured,
    };
    return [cell];
  },
});
