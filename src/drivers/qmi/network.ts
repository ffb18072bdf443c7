/** Radio, registration, attach and signal over DMS and NAS. */
import { networkCause } from "../../codec/network-cause.js";
import type { PacketServicePort, RadioPort, RadioState, RegistrationPort, ResetPort } from "../../modem/ports.js";
import type { Operator, PacketService, Registration, RegistrationStatus } from "../../modem/types.js";
import type { IndicationOf, ResponseOf } from "../../qmi/message.js";
import { qmiError, qmiErrors } from "../../qmi/result.js";
import type { QmiService } from "../../qmi/service.js";
import * as dms from "../../qmi/services/dms.js";
import * as nas from "../../qmi/services/nas.js";
import * as selection from "../../qmi/services/nas-selection.js";
import type { systemInfoChanged } from "../../qmi/services/nas-system.js";
import { type FailureCause, ModemError } from "../../runtime/error.js";
import { plmnOfNumbers } from "../plmn.js";
import { technologyOf } from "./technology.js";

export type ServingSystem = ResponseOf<typeof nas.getServingSystem> & IndicationOf<typeof nas.servingSystemChanged>;
type SystemInfo = IndicationOf<typeof systemInfoChanged>;
type Networks = ResponseOf<typeof nas.networkScan>;
type Mode = Registration["mode"];

const radioStateOf = ({ mode, hardwareRestricted = false }: ResponseOf<typeof dms.getOperatingMode>): RadioState => ({
  softwareOn: mode === "online",
  hardwareOn: !hardwareRestricted,
});

/** Firmware that a computer's maker has had locked stays in low power until its own software has unlocked it. */
const fccLock: FailureCause = { domain: "qmi", code: qmiErrors.invalidTransition, name: "FccLock" };

/** Locked firmware calls the way online an invalid transition; a switch that holds the radio off is told beside it. */
const isFccLocked = (error: number, { hardwareOn }: RadioState): boolean =>
  error === qmiErrors.invalidTransition && hardwareOn;

export function radioPort(device: QmiService): RadioPort {
  let lock: FailureCause | undefined;
  const state = async (signal: AbortSignal): Promise<RadioState> => {
    const now = radioStateOf(await device.ask(dms.getOperatingMode, {}, signal));
    if (now.softwareOn) lock = undefined;
    return lock === undefined ? now : { ...now, lock };
  };
  return {
    state,
    setOn: async (on, signal) => {
      const outcome = await device.tryAsk(dms.setOperatingMode, { mode: on ? "online" : "lowPower" }, signal);
      const after = await state(signal);
      if (outcome.is === "success") return after;
      if (!on || !isFccLocked(outcome.error, after)) throw qmiError("DMS SET_OPERATING_MODE", outcome.error);
      lock = fccLock;
      return { ...after, lock };
    },
  };
}

export const resetPort = (device: QmiService): ResetPort => ({
  reset: async (signal) => {
    // Some firmware takes the way over offline only.
    const outcome = await device.tryAsk(dms.setOperatingMode, { mode: "reset" }, signal);
    if (outcome.is === "success") return;
    await device.ask(dms.setOperatingMode, { mode: "offline" }, signal);
    await device.ask(dms.setOperatingMode, { mode: "reset" }, signal);
  },
});

const statuses: Readonly<Record<string, RegistrationStatus>> = {
  notRegistered: "unregistered",
  searching: "searching",
  denied: "denied",
};

/** Firmware fills the code that the generation has not with ones. */
function placeOf({ lac, tac, cellId }: ServingSystem): Pick<Registration, "areaCode" | "cellId"> {
  const areaCode = [tac, lac].find((code) => code !== undefined && code !== 0xffff && code !== 0xfffe);
  return {
    ...(areaCode === undefined ? {} : { areaCode }),
    ...(cellId === undefined || cellId === 0xffff_ffff ? {} : { cellId }),
  };
}

/** `rejected`: the network's last no, which the serving system itself does not tell. */
export function registrationOf(system: ServingSystem, mode: Mode, rejected: FailureCause | undefined): Registration {
  const { registration } = system.servingSystem;
  if (registration !== "registered")
    return {
      status: statuses[registration] ?? "unknown",
      mode,
      ...(rejected === undefined ? {} : { cause: rejected }),
    };
  const { plmn, plmnDigits, roaming } = system;
  const technology = technologyOf(system);
  const hasThreeDigits = plmnDigits?.mncHasThreeDigits ?? (plmn?.mnc ?? 0) > 99;
  return {
    status: roaming === "on" ? "roaming" : "registered",
    mode,
    ...(technology === undefined ? {} : { technology }),
    ...(plmn === undefined ? {} : plmnOfNumbers(plmn.mcc, plmn.mnc, hasThreeDigits)),
    ...(plmn === undefined || plmn.name === "" ? {} : { operatorName: plmn.name }),
    ...placeOf(system),
  };
}

const rejectDomainOf = { gsm: "gmm", umts: "gmm", lte: "emm", nr: "5gmm" } as const;

export function rejectionOf({ radioInterface, cause }: IndicationOf<typeof nas.networkRejected>) {
  const domain = radioInterface in rejectDomainOf ? rejectDomainOf[radioInterface as "lte"] : "gmm";
  return networkCause(domain, cause);
}

/** The refusal that a generation's part of the system info carries; the newest speaks. */
export function rejectionIn({ nr, lte, wcdma, gsm }: SystemInfo): FailureCause | undefined {
  const told = [
    [nr, "5gmm"],
    [lte, "emm"],
    [wcdma, "gmm"],
    [gsm, "gmm"],
  ] as const;
  for (const [part, domain] of told)
    if (part?.rejectValid === true && part.rejectCause !== 0) return networkCause(domain, part.rejectCause);
  return undefined;
}

function operatorsOf({ networks = [], radios = [], digits = [] }: Networks): readonly Operator[] {
  const same = (a: { mcc: number; mnc: number }) => (b: { mcc: number; mnc: number }) =>
    a.mcc === b.mcc && a.mnc === b.mnc;
  const technologies = { gsm: "gsm", umts: "umts", lte: "lte", nr: "nr" } as const;
  return networks.map((network) => {
    const heard = radios.filter(same(network)).map(({ radioInterface }) => radioInterface);
    const hasThreeDigits = digits.find(same(network))?.mncHasThreeDigits ?? network.mnc > 99;
    return {
      ...plmnOfNumbers(network.mcc, network.mnc, hasThreeDigits),
      name: network.name,
      status: operatorStatus(network.status),
      technologies: heard.flatMap((radio) => (radio in technologies ? technologies[radio as "lte"] : [])),
    };
  });
}

function operatorStatus(status: readonly string[]): Operator["status"] {
  if (status.includes("current")) return "current";
  if (status.includes("forbidden")) return "forbidden";
  return status.includes("available") ? "available" : "unknown";
}

/** What the driver knows between two questions. */
export interface RegistrationMemory {
  /** As NAS told it last. */
  system: ServingSystem | undefined;
  mode: Mode;
  rejected: FailureCause | undefined;
}

/** `read` hears every serving system on its way to the caller: it says more than where the modem is registered. */
export function registrationPort(
  network: QmiService,
  memory: RegistrationMemory,
  read: (system: ServingSystem) => void,
): RegistrationPort {
  const readMode = async (signal: AbortSignal): Promise<void> => {
    const outcome = await network.tryAsk(selection.getSystemSelection, {}, signal);
    if (outcome.is === "success") memory.mode = outcome.values.selection === "manual" ? "manual" : "auto";
  };
  return {
    state: async (signal) => {
      const asked = network.ask(nas.getServingSystem, {}, signal).then((system) => {
        memory.system = system;
        read(system);
        return system;
      });
      const [answered] = await Promise.all([asked, readMode(signal)]);
      // What was told while the mode was read is newer.
      return registrationOf(memory.system ?? answered, memory.mode, memory.rejected);
    },
    registerAutomatically: async (signal) => {
      await network.ask(selection.initiateRegister, { action: "automatic" }, signal);
      memory.mode = "auto";
    },
    registerManually: async (mcc, mnc, signal) => {
      if (!/^\d{3}$/.test(mcc) || !/^\d{2,3}$/.test(mnc)) throw new ModemError("invalid", `${mcc}${mnc} is no PLMN`);
      const manual = { mcc: Number(mcc), mnc: Number(mnc), radioInterface: "unknown(255)" } as const;
      const request = { action: "manual", manual, mncHasThreeDigits: mnc.length === 3 } as const;
      await network.ask(selection.initiateRegister, request, signal);
      memory.mode = "manual";
    },
    scan: async (signal) => operatorsOf(await network.ask(nas.networkScan, {}, signal)),
  };
}

export function packetServiceOf(system: ServingSystem): PacketService {
  const { psAttach, registration } = system.servingSystem;
  const technology = technologyOf(system);
  if (psAttach === "attached" && registration === "registered")
    return { state: "attached", ...(technology === undefined ? {} : { technology }) };
  return { state: psAttach === "unknown" && registration === "registered" ? "unknown" : "detached" };
}

export function packetServicePort(network: QmiService): PacketServicePort {
  const state = async (signal: AbortSignal) => packetServiceOf(await network.ask(nas.getServingSystem, {}, signal));
  const change = async (action: "attach" | "detach", signal: AbortSignal) => {
    await network.ask(nas.attachDetach, { action }, signal);
    return state(signal);
  };
  return { state, attach: (signal) => change("attach", signal), detach: (signal) => change("detach", signal) };
}
