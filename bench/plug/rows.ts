/** Who is asked, on which modems, and what the guest tells: shared by the host's side and the guest's. */

export const daemons = ["wwand", "ModemManager", "ofonod"] as const;
export type Daemon = (typeof daemons)[number];

/** `answering`: every port that any of the daemons asks answers it. `at`: modems that nothing but AT can be spoken with. */
export const tables = ["answering", "at", "silent"] as const;
export type Table = (typeof tables)[number];

export interface Row {
  readonly name: string;
  readonly profile: string;
  /** Where it is not the profile's first. */
  readonly composition?: string;
  /** Of `wwand-virtual run --set`. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly table: Table;
  /** Who cannot drive it, and why: not tried. */
  readonly cannot?: Readonly<Partial<Record<Daemon, string>>>;
}

/** It finds serial modems by tables of ids, and Huawei's ports by tables of interface classes. */
const notOfonod = (ids: string): NonNullable<Row["cannot"]> => ({
  ofonod: `1.31 lists no modem of ${ids} (tried for 90 s)`,
});

/**
 * ModemManager 1.20 has rules that name the ports of EM7565, EC25 and 9001 (and NMEA and audio among them are not asked);
 * of ports without a rule it asks each, so that those speak AT in the first table.
 */
export const rows: readonly Row[] = [
  {
    name: "sierra-em7565 (MBIM)",
    profile: "sierra-em7565",
    table: "answering",
    cannot: { ofonod: "1.31 lists no modem of 1199:9091 with MBIM and serial ports (tried for 90 s)" },
  },
  { name: "mbim-generic (MBIM)", profile: "mbim-generic", table: "answering" },
  { name: "qmi-generic (QMI)", profile: "qmi-generic", table: "answering", settings: { portFaces: "0=at,1=at" } },
  { name: "quectel-ec25 (QMI)", profile: "quectel-ec25", table: "answering" },
  { name: "simcom 9001 (QMI)", profile: "simcom-sim7600", table: "answering" },
  {
    name: "simcom 9003 (MBIM)",
    profile: "simcom-sim7600",
    composition: "9003",
    table: "answering",
    settings: { portFaces: "0=at,1=at,4=at" },
  },
  { name: "huawei-ms2372h (AT, PPP)", profile: "huawei-ms2372h", table: "at", cannot: notOfonod("12d1:1596") },
  { name: "simcom 9011 (AT, RNDIS)", profile: "simcom-sim7600-rndis", table: "at", cannot: notOfonod("1e0e:9011") },
  { name: "huawei-ncm (AT, NCM)", profile: "huawei-ncm", table: "at" },
  { name: "simcom-a7670e (AT, RNDIS)", profile: "simcom-a7670e", table: "at", cannot: notOfonod("1e0e:9011") },
  {
    name: "quectel-ec25, DIAG and 2nd AT port silent",
    profile: "quectel-ec25",
    table: "silent",
    settings: { portFaults: "0=silent,3=silent" },
  },
  {
    name: "simcom 9003 as it is: DIAG, NMEA, audio",
    profile: "simcom-sim7600",
    composition: "9003",
    table: "silent",
  },
];

/** What the guest is asked to do. */
export interface Asked {
  /** Pluggings of each modem for each daemon. */
  readonly rounds: Readonly<Record<Table, number>>;
  /** Rows by parts of their names, with commas between; empty: all. */
  readonly only: string;
}

export interface Round {
  readonly row: string;
  readonly daemon: Daemon;
  /** From the kernel's uevent of the last port; below zero where a modem was listed before that. */
  readonly listedMs: number;
  readonly registeredMs: number;
  /** From the request to plug in to the uevent of the last port: the kernel's and the virtual modem's own time. */
  readonly kernelMs: number;
  /** What the modem was asked until then: messages, on serial ports lines. */
  readonly requests: number;
  /** Processor time of the daemon and of the virtual modem from plugging in until then. */
  readonly cpuMs: number;
  readonly modemCpuMs: number;
}

export type Report =
  | { readonly report: "progress"; readonly text: string }
  | ({ readonly report: "round" } & Round)
  /** The modem did not get there. */
  | { readonly report: "failed"; readonly row: string; readonly daemon: Daemon; readonly why: string }
  | { readonly report: "done"; readonly kernel: string };
