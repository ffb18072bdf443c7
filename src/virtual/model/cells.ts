/** The cells of the test network, and which of them the modem hears with the modes and bands that it may use. */
import type { OperatorProfile, VirtualProfile } from "./profile.js";
import type { ModemState } from "./state.js";
import type { Generation, Technology } from "./words.js";

/** LTE bands by number, UMTS by operating band, GSM by MHz. */
export type Bands = Readonly<Partial<Record<Generation, readonly number[]>>>;

/** What a modem may use, or has. */
export interface RadioChoice {
  readonly modes: readonly Generation[];
  readonly bands: Bands;
}

/** What a European module has at least. */
const europeanBands: Bands = { gsm: [900, 1800], umts: [1, 8], lte: [3, 7, 20] };

const generations = { gsm: "gsm", edge: "gsm", umts: "umts", hspa: "umts", lte: "lte" } as const;
export const generationOf = (technology: Technology): Generation => generations[technology];

/** All modes and bands that the hardware has. */
export function supportedChoice({ device }: VirtualProfile): RadioChoice {
  const modes = [...new Set(device.technologies.map(generationOf))];
  const all = device.bands ?? europeanBands;
  return { modes, bands: Object.fromEntries(modes.map((mode) => [mode, all[mode] ?? []])) };
}

export interface Cell {
  readonly generation: Generation;
  readonly band: number;
  /** ARFCN, UARFCN or EARFCN. */
  readonly channel: number;
  /** Base station identity code, scrambling code or physical cell id. */
  readonly physicalId: number;
  readonly id: number;
  /** Location or tracking area code. */
  readonly area: number;
  /** Against the strongest. */
  readonly weakerByDb: number;
}

/** Every operator's, strongest first: they differ in what stands on the air before them, the PLMN. */
const cells: readonly Cell[] = [
  { generation: "lte", band: 3, channel: 1300, physicalId: 101, id: 0x1a2b3c, area: 0x0102, weakerByDb: 0 },
  { generation: "lte", band: 3, channel: 1300, physicalId: 102, id: 0x1a2b3d, area: 0x0102, weakerByDb: 8 },
  { generation: "lte", band: 20, channel: 6300, physicalId: 201, id: 0x1a2c01, area: 0x0102, weakerByDb: 5 },
  { generation: "umts", band: 1, channel: 10_700, physicalId: 51, id: 0x00a1_2b3c, area: 0x0102, weakerByDb: 0 },
  { generation: "umts", band: 8, channel: 3_000, physicalId: 60, id: 0x00a1_2b3d, area: 0x0102, weakerByDb: 6 },
  { generation: "gsm", band: 900, channel: 62, physicalId: 21, id: 0x2b3c, area: 0x0102, weakerByDb: 0 },
  { generation: "gsm", band: 1800, channel: 700, physicalId: 22, id: 0x2b3d, area: 0x0102, weakerByDb: 7 },
];

/** Those of an operator that this choice lets the modem use. */
export const usableCells = ({ technology }: OperatorProfile, { modes, bands }: RadioChoice): readonly Cell[] =>
  cells.filter(
    ({ generation, band }) =>
      generation === generationOf(technology) && modes.includes(generation) && bands[generation]?.includes(band),
  );

/** What is heard now, the serving cell first; empty without service. */
export function heardCells({ registration, choice, carrier }: ModemState): readonly Cell[] {
  if (registration.is !== "registered") return [];
  const usable = usableCells(registration.operator, choice);
  const serving = usable[carrier.handovers % Math.max(1, usable.length)];
  return serving === undefined ? [] : [serving, ...usable.filter((cell) => cell !== serving)];
}

/** What is heard of `cell`, in dBm, where the serving one is heard with `servingDbm`. */
export const heardDbm = (cell: Cell, serving: Cell, servingDbm: number): number =>
  servingDbm + serving.weakerByDb - cell.weakerByDb;
