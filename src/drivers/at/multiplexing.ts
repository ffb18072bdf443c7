/** How families of modems are told to multiplex their line. @see 3GPP TS 27.007 5.7, 3GPP TS 27.010 */
import type { AtCommand, AtQuery } from "../../at/command.js";
import type { AtPort } from "../../at/port.js";
import { manufacturer } from "../../at/replies/cgmi.js";
import { model } from "../../at/replies/cgmm.js";
import { isRefusal } from "./chat.js";

interface Habit {
  /** Of manufacturer and model, with a blank between. */
  readonly fits: RegExp;
  /** Where it is known from. */
  readonly because: string;
  /** N1: information of a frame, in bytes. */
  readonly maxInfoBytes: number;
  /** The line's speed must be settled first: +CMUX is refused, or the line lost, while it is found out by itself. */
  readonly settlesSpeed?: true;
  /** All values to the last, in the order of the specification, or as many as the firmware takes. */
  readonly values: "all" | "up to N1" | "without speed";
}

/** What one octet tells, and what every known firmware takes, but one. */
const usualInfoBytes = 127;
const usual = { maxInfoBytes: usualInfoBytes, values: "up to N1" } as const;

/** T1 100 ms, N2 3, T2 300 ms, T3 10 s, k 2: the specification's own. */
const otherValues = "10,3,30,10,2";

const habits: readonly Habit[] = [
  {
    ...{ fits: /u-?blox.*LARA-R6/i, values: "up to N1", settlesSpeed: true },
    because: "Zephyr, modem_cellular: frames of 127 bytes come with a wrong check sequence, those of 31 do not",
    maxInfoBytes: 31,
  },
  {
    ...{ ...usual, fits: /u-?blox/i, values: "without speed", settlesSpeed: true },
    because: "SARA-R4 and LEXI-R10 AT Commands Manuals: no list for the speed in +CMUX=?, and values are ignored",
  },
  {
    ...{ ...usual, fits: /telit/i, values: "all", settlesSpeed: true },
    because: "Zephyr, modem_cellular: ME910G1 takes all values, LE910C1 wants +IPR before",
  },
  {
    ...{ ...usual, fits: /quectel/i, values: "all" },
    because: "Zephyr, modem_cellular: EG25-G; M10 AT Commands Set 3.2.44",
  },
  {
    ...{ ...usual, fits: /sim ?com|simtech/i },
    because: "SIM7500_SIM7600 and A76XX Series AT Command Manuals: T1 and N2 may only be 0",
  },
];

/** Sierra's HL78, Huawei's, and whoever keeps to the specification. */
const generic: Habit = { ...usual, fits: /^/, because: "3GPP TS 27.007 5.7" };

/** @see 3GPP TS 27.007 5.7, port_speed */
const speeds: Readonly<Record<number, number>> = {
  9600: 1,
  19200: 2,
  38400: 3,
  57600: 4,
  115200: 5,
  230400: 6,
};

export const habitOf = (manufacturerName: string, modelName: string): Habit =>
  habits.find(({ fits }) => fits.test(`${manufacturerName} ${modelName}`)) ?? generic;

/** Commands to try in turn, with the N1 that each makes. The last one leaves all to the modem. */
export function formsOf(habit: Habit, baudRate: number): readonly (readonly [text: string, maxInfoBytes: number])[] {
  const { maxInfoBytes, values } = habit;
  const speed = values === "without speed" ? undefined : speeds[baudRate];
  const others = values === "all" ? `,${otherValues}` : "";
  return [
    [`AT+CMUX=0,0,${speed ?? ""},${maxInfoBytes}${others}`, maxInfoBytes],
    [`AT+CMUX=0,0,,${maxInfoBytes}`, maxInfoBytes],
    // Basic option; N1 is then that of the specification.
    ["AT+CMUX=0", 31],
  ];
}

const commandMs = 3_000;

/**
 * Makes the modem speak frames on its line. The N1 that holds then, or undefined: it knows no multiplexing.
 * @throws ModemError `timeout`, `unplugged`; the signal's reason
 */
export async function startMultiplexing(
  port: AtPort,
  baudRate: number,
  signal: AbortSignal,
): Promise<number | undefined> {
  const who = [await textOf(port, manufacturer, signal), await textOf(port, model, signal)] as const;
  const habit = habitOf(...who);
  if (habit.settlesSpeed) await isTaken(port, { text: `AT+IPR=${baudRate}` }, signal);
  for (const [text, maxInfoBytes] of formsOf(habit, baudRate))
    if (await isTaken(port, { text }, signal)) return maxInfoBytes;
  return undefined;
}

const textOf = (port: AtPort, query: AtQuery<string>, signal: AbortSignal): Promise<string> =>
  port.ask({ ...query, timeoutMs: commandMs }, signal).catch((error: unknown) => {
    if (isRefusal(error)) return "";
    throw error;
  });

async function isTaken(port: AtPort, command: AtCommand, signal: AbortSignal): Promise<boolean> {
  try {
    await port.send({ ...command, timeoutMs: commandMs }, signal);
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}
