/** `--set key=value`: one row per key that changes a profile. */
import type { AtProfile, VirtualProfile } from "./model/profile.js";
import { withPortFace } from "./port-face.js";
import { withPortFault } from "./port-fault.js";

interface Setting {
  readonly help: string;
  readonly apply: (profile: VirtualProfile, value: string) => VirtualProfile;
}

const bad = (expected: string, value: string): Error => new Error(`expected ${expected}, found "${value}"`);

function flag(value: string): boolean {
  if (value === "true" || value === "on") return true;
  if (value === "false" || value === "off") return false;
  throw bad("true or false", value);
}

function whole(value: string, min: number, max: number): number {
  const number = value === "" ? Number.NaN : Number(value);
  if (Number.isInteger(number) && number >= min && number <= max) return number;
  throw bad(`a number from ${min} to ${max}`, value);
}

function matching(value: string, pattern: RegExp, expected: string): string {
  if (pattern.test(value)) return value;
  throw bad(expected, value);
}

const device = (help: string, of: (value: string) => Partial<VirtualProfile["device"]>): Setting => ({
  help,
  apply: (profile, value) => ({ ...profile, device: { ...profile.device, ...of(value) } }),
});
const sim = (help: string, of: (value: string) => Partial<VirtualProfile["sim"]>): Setting => ({
  help,
  apply: (profile, value) => ({ ...profile, sim: { ...profile.sim, ...of(value) } }),
});
const pool = (help: string, of: (value: string) => Partial<VirtualProfile["pool"]>): Setting => ({
  help,
  apply: (profile, value) => ({ ...profile, pool: { ...profile.pool, ...of(value) } }),
});
const timing = (key: keyof VirtualProfile["timing"], help: string): Setting => ({
  help,
  apply: (profile, value) => ({ ...profile, timing: { ...profile.timing, [key]: whole(value, 0, 600_000) } }),
});

/** Ranges as 3GPP TS 27.007 has them, where the profile has none of its own. */
function withChannels(at: AtProfile = { dialect: "generic" }, channels: number): AtProfile {
  const { cmux, ...others } = at;
  const { ranges = "(0),(0),(1-6),(1-1509),(1-255),(0-100),(2-255),(1-255),(1-7)" } = cmux ?? {};
  return channels === 0 ? others : { ...others, cmux: { channels, ranges } };
}

const secondCard = (first: VirtualProfile["sim"]): VirtualProfile["sim"] => ({
  ...first,
  imsi: `${first.imsi.slice(0, -3)}002`,
  iccid: `${first.iccid.slice(0, -3)}002`,
  msisdns: ["+15550100002"],
  eid: "89001012012341234012345678901224",
});

const rows: Readonly<Record<string, Setting>> = {
  imei: device("15 digits", (value) => ({ imei: matching(value, /^[0-9]{15}$/, "15 digits") })),
  maxSessions: device("sessions at once", (value) => ({ maxSessions: whole(value, 1, 16) })),
  maxControlBytes: device("largest control message", (value) => ({ maxControlBytes: whole(value, 64, 65_536) })),
  simPresent: sim("a card is in", (value) => ({ present: flag(value) })),
  pinEnabled: sim("the card asks for its PIN", (value) => ({ pinEnabled: flag(value) })),
  imsi: sim("14 or 15 digits", (value) => ({ imsi: matching(value, /^[0-9]{14,15}$/, "14 or 15 digits") })),
  iccid: sim("18 to 20 digits", (value) => ({ iccid: matching(value, /^[0-9]{18,20}$/, "18 to 20 digits") })),
  composition: {
    help: "what it shows on a USB bus at first, e.g. 9003",
    apply: (profile, value) => {
      const { usb } = profile;
      if (usb === undefined || !Object.hasOwn(usb.compositions, value))
        throw bad(Object.keys(usb?.compositions ?? {}).join(", ") || "no USB modem", value);
      return { ...profile, usb: { ...usb, initial: value } };
    },
  },
  secondSim: {
    help: "a second slot with an eUICC of the same network in it",
    apply: (profile, value) => (flag(value) ? { ...profile, otherSims: [secondCard(profile.sim)] } : profile),
  },
  fccLocked: device("the radio stays off until the host sends the unlock", (value) => ({ fccLocked: flag(value) })),
  radioOn: {
    help: "the radio is on when power comes",
    apply: (profile, value) => ({ ...profile, radioOn: flag(value) }),
  },
  attachesByItself: {
    help: "packet service comes with registration",
    apply: (profile, value) => ({ ...profile, attachesByItself: flag(value) }),
  },
  defaultApn: {
    help: "what the network gives where no APN is asked for",
    apply: (profile, value) => ({ ...profile, defaultApn: value }),
  },
  storedApn: {
    help: "what the modem has stored for the internet; empty for nothing",
    apply: (profile, value) => ({ ...profile, storedApn: value }),
  },
  mtu: pool("of every bearer", (value) => ({ mtu: whole(value, 1280, 2000) })),
  ipv4Net: pool("a /24 as its first three numbers, e.g. 10.65.0", (value) => {
    const net = matching(value, /^([0-9]{1,3}\.){2}[0-9]{1,3}$/, "three numbers such as 10.65.0");
    return { ipv4Network: `${net}.0`, ipv4Router: `${net}.1` };
  }),
  ipv6Net: pool("a /48 as its first three groups, e.g. 2001:db8:65", (value) => {
    const net = matching(value, /^([0-9a-f]{1,4}:){2}[0-9a-f]{1,4}$/, "three groups such as 2001:db8:65");
    return { ipv6Prefix: `${net}::`, ipv6Router: `${net}::1` };
  }),
  cmux: {
    help: "channels of a multiplexed serial line, 0 to 8; 0: the modem refuses +CMUX",
    apply: (profile, value) => ({ ...profile, at: withChannels(profile.at, whole(value, 0, 8)) }),
  },
  portFaults: {
    help: "broken control ports, e.g. 2=silent,3=garbage",
    apply: (profile, value) => ({
      ...profile,
      portFaults: value.split(",").reduce(withPortFault, profile.portFaults ?? {}),
    }),
  },
  lacks: {
    help: "messages that the firmware does not know, e.g. GET_SYSTEM_INFO,PIN_LIST",
    apply: (profile, value) => ({ ...profile, lacks: value.split(",") }),
  },
  pppdFor: {
    help: "calls end at pppd in the carrier's namespace (root), with the credentials of this APN",
    apply: (profile, value) => {
      if (profile.at === undefined) throw bad("a modem that speaks AT", value);
      const known = profile.apns.map(({ apn }) => apn);
      if (!known.includes(value)) throw bad(known.join(", "), value);
      return { ...profile, at: { ...profile.at, pppdFor: value } };
    },
  },
  portFaces: {
    help: "what serial ports speak, e.g. 0=at,4=silent (or diag, nmea)",
    apply: (profile, value) => value.split(",").reduce(withPortFace, profile),
  },
  searchMs: timing("searchMs", "from search to registration"),
  scanMs: timing("scanMs", "a scan for operators"),
  attachMs: timing("attachMs", "an attach"),
  connectMs: timing("connectMs", "a connect"),
};

export const settingList = (): string =>
  Object.entries(rows)
    .map(([key, { help }]) => `  ${key.padEnd(18)} ${help}`)
    .join("\n");

/** The profile with the settings applied. @throws Error naming the key and what was expected */
export function withSettings(profile: VirtualProfile, settings: Readonly<Record<string, string>>): VirtualProfile {
  return Object.entries(settings).reduce((changed, [key, value]) => {
    const row = Object.hasOwn(rows, key) ? rows[key] : undefined;
    if (row === undefined) throw new Error(`no setting "${key}". Settings:\n${settingList()}`);
    try {
      return row.apply(changed, value);
    } catch (cause) {
      throw new Error(`setting ${key}`, { cause });
    }
  }, profile);
}
