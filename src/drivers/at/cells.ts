/** The cells: the vendor's own view of them, or what the modem tells anyway of the serving one. */
import type { CellsPort } from "../../modem/ports.js";
import type { Cell, Generation, Registration, Signal, Technology } from "../../modem/types.js";
import type { Chat } from "./chat.js";
import type { AtDialect } from "./dialect.js";

export interface CellsContext {
  readonly chat: Chat;
  readonly dialect: Pick<AtDialect, "cells">;
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

const isSame = (a: Cell, b: Cell): boolean =>
  a.generation === b.generation && a.channel === b.channel && a.physicalCellId === b.physicalCellId;

/** Serving cells first; some firmware has them among those around, too. */
function sorted(heard: readonly Cell[]): readonly Cell[] {
  const serving = heard.filter((cell) => cell.serving);
  const others = heard.filter((cell) => !cell.serving && !serving.some((one) => isSame(one, cell)));
  return [...serving, ...others];
}

export const cellsPort = ({ chat, dialect, registration, signal: measure }: CellsContext): CellsPort => {
  const servingCell = async (signal: AbortSignal): Promise<readonly Cell[]> => {
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
  };
  return {
    read: async (signal) => {
      const heard: Cell[] = [];
      // Without service a firmware may refuse what it knows well.
      for (const query of dialect.cells) heard.push(...((await chat.askIfAble(query, signal)) ?? []));
      if (!heard.some((cell) => cell.serving)) heard.push(...(await servingCell(signal)));
      return heard.some((cell) => cell.serving) ? sorted(heard) : [];
    },
  };
};
