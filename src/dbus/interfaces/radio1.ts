/** net.wwand.Radio1 at /net/wwand/modem/NAME: what the modem hears, and which modes and bands it may use. */
import type { Modem, RegistrationPartState } from "../../modem/api.js";
import type { Bands, Cell, Generation, Measurement, Signal } from "../../modem/types.js";
import { causeText } from "../../runtime/error.js";
import { OfonoError } from "../errors.js";
import { bindStandard } from "../standard.js";
import { type Dict, Variant } from "../types.js";
import { type Answers, answering } from "./answers.js";
import { uint32, uint64 } from "./numbers.js";

export interface Radio1Snapshot {
  /** Undefined below the level at which a modem registers. */
  readonly registration: RegistrationPartState | undefined;
}

const common = ["NotAvailable", "NotImplemented"] as const;
const reading: Answers = { rules: common, modem: [...common, "Timedout"] };
const changing: Answers = { rules: common, modem: [...common, "Timedout", "InvalidFormat", "AccessDenied"] };

const generations: readonly string[] = ["gsm", "umts", "lte", "nr"] satisfies readonly Generation[];
const isGeneration = (word: string): word is Generation => generations.includes(word);

const levels = ["rssiDbm", "rsrpDbm", "rsrqDb", "snrDb", "rscpDbm", "ecioDb"] as const;

function measured(measurement: Measurement): Dict {
  const { generation } = measurement;
  const told = levels.flatMap((key) => {
    const value = measurement[key];
    return value === undefined ? [] : [[key, new Variant("d", value)] as const];
  });
  return {
    ...(generation === undefined ? {} : { generation: new Variant("s", generation) }),
    ...Object.fromEntries(told),
  };
}

function signalOf({ others = [], ...leading }: Signal): readonly Dict[] {
  return [leading, ...others].map(measured).filter((one) => Object.keys(one).length > 0);
}

const numbers = ["areaCode", "physicalCellId", "channel", "timingAdvance"] as const;

function cellOf(cell: Cell): Dict {
  const told = numbers.flatMap((key) => {
    const value = cell[key];
    return value === undefined ? [] : [[key, new Variant("u", uint32(value))] as const];
  });
  return {
    ...measured(cell),
    serving: new Variant("b", cell.serving),
    ...(cell.mcc === undefined ? {} : { mcc: new Variant("s", cell.mcc) }),
    ...(cell.mnc === undefined ? {} : { mnc: new Variant("s", cell.mnc) }),
    ...(cell.cellId === undefined ? {} : { cellId: new Variant("t", uint64(cell.cellId)) }),
    ...Object.fromEntries(told),
  };
}

function asGenerations(words: readonly string[]): readonly Generation[] {
  const wrong = words.find((word) => !isGeneration(word));
  if (wrong !== undefined) throw new OfonoError("InvalidFormat", `${wrong} is not one of ${generations.join(", ")}`);
  return words.filter(isGeneration);
}

function asBands(told: Readonly<Record<string, readonly number[]>>): Bands {
  asGenerations(Object.keys(told));
  return told;
}

const plainBands = (bands: Bands): Record<string, number[]> =>
  Object.fromEntries(Object.entries(bands).map(([generation, numbers]) => [generation, [...numbers]]));

export const radioInterface = bindStandard("net.wwand.Radio1").to<Radio1Snapshot, Modem>({
  properties: {
    Signal: { get: ({ registration }) => (registration === undefined ? [] : signalOf(registration.signal)) },
    RejectCause: {
      get: ({ registration }) => (registration?.cause === undefined ? "" : causeText(registration.cause)),
    },
  },
  methods: {
    GetCells: async ({ control }) => (await answering(reading, () => control.cells())).map(cellOf),
    GetSelection: async ({ control }) => {
      const { supported, preferred } = await answering(reading, () => control.radioSelection());
      return [
        [...supported.modes],
        plainBands(supported.bands),
        [...preferred.modes],
        plainBands(preferred.bands),
      ] as const;
    },
    PreferModes: async ({ control }, [modes]) => {
      const wanted = asGenerations(modes);
      await answering(changing, () => control.preferRadio({ modes: wanted }));
    },
    PreferBands: async ({ control }, [bands]) => {
      const wanted = asBands(bands);
      await answering(changing, () => control.preferRadio({ bands: wanted }));
    },
  },
});
