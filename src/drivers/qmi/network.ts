/** Radio, registration, attach and signal over DMS and NAS. */
import { networkCause } from "../../codec/network-cause.js";
import type { PacketServicePort, RadioPort, RadioState, RegistrationPort, SignalPort } from "../../modem/ports.js";
import type { Operator, PacketService, Registration, RegistrationStatus, Signal } from "../../modem/types.js";
import type { IndicationOf, ResponseOf } from "../../qmi/message.js";
import type { QmiService } from "../../qmi/service.js";
import * as dms from "../../qmi/services/dms.js";
import * as nas from "../../qmi/services/nas.js";
import { type FailureCause, ModemError } from "../../runtime/error.js";
import { isEps, technologyOf } from "./technology.js";

export type ServingSystem = ResponseOf<typeof nas.getServingSystem> & IndicationOf<typeof nas.servingSystemChanged>;
type SignalInfo = ResponseOf<typeof nas.getSignalInfo>;
type Networks = ResponseOf<typeof nas.networkScan>;
type Mode = Registration["mode"];

const radioStateOf = ({ mode, hardwareRestricted = false }: ResponseOf<typeof dms.getOperatingMode>): RadioState => ({
  softwareOn: mode === "online",
  hardwareOn: !hardwareRestricted,
});

export function radioPort(device: QmiService): RadioPort {
  const state = async (signal: AbortSignal) => radioStateOf(await device.ask(dms.getOperatingMode, {}, signal));
  return {
    state,
    setOn: async (on, signal) => {
      await device.ask(dms.setOperatingMode, { mode: on ? "online" : "lowPower" }, signal);
      return state(signal);
    },
  };
}

const statuses: Readonly<Record<string, RegistrationStatus>> = {
  notRegistered: "unregistered",
  searching: "searching",
  denied: "denied",
};

const plmnText = (mcc: number, mnc: number, hasThreeDigits: boolean) => ({
  mcc: String(mcc).padStart(3, "0"),
  mnc: String(mnc).padStart(hasThreeDigits ? 3 : 2, "0"),
});

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
    ...(plmn === undefined ? {} : plmnText(plmn.mcc, plmn.mnc, hasThreeDigits)),
    ...(plmn === undefined || plmn.name === "" ? {} : { operatorName: plmn.name }),
  };
}

export function rejectionOf({ radioInterface, cause }: IndicationOf<typeof nas.networkRejected>) {
  return networkCause(radioInterface === "lte" || radioInterface === "nr" ? "emm" : "gmm", cause);
}

function operatorsOf({ networks = [], radios = [], digits = [] }: Networks): readonly Operator[] {
  const same = (a: { mcc: number; mnc: number }) => (b: { mcc: number; mnc: number }) =>
    a.mcc === b.mcc && a.mnc === b.mnc;
  const technologies = { gsm: "gsm", umts: "umts", lte: "lte", nr: "nr" } as const;
  return networks.map((network) => {
    const heard = radios.filter(same(network)).map(({ radioInterface }) => radioInterface);
    const hasThreeDigits = digits.find(same(network))?.mncHasThreeDigits ?? network.mnc > 99;
    return {
      ...plmnText(network.mcc, network.mnc, hasThreeDigits),
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
  mode: Mode;
  rejected: FailureCause | undefined;
}

export function registrationPort(network: QmiService, memory: RegistrationMemory): RegistrationPort {
  const readMode = async (signal: AbortSignal): Promise<void> => {
    const outcome = await network.tryAsk(nas.getSystemSelection, {}, signal);
    if (outcome.is === "success") memory.mode = outcome.values.selection === "manual" ? "manual" : "auto";
  };
  return {
    state: async (signal) => {
      await readMode(signal);
      return registrationOf(await network.ask(nas.getServingSystem, {}, signal), memory.mode, memory.rejected);
    },
    registerAutomatically: async (signal) => {
      await network.ask(nas.initiateRegister, { action: "automatic" }, signal);
      memory.mode = "auto";
    },
    registerManually: async (mcc, mnc, signal) => {
      if (!/^\d{3}$/.test(mcc) || !/^\d{2,3}$/.test(mnc)) throw new ModemError("invalid", `${mcc}${mnc} is no PLMN`);
      const manual = { mcc: Number(mcc), mnc: Number(mnc), radioInterface: "unknown(255)" } as const;
      const request = { action: "manual", manual, mncHasThreeDigits: mnc.length === 3 } as const;
      await network.ask(nas.initiateRegister, request, signal);
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

export function signalOf({ lte, wcdma, gsmRssiDbm, nr, nrRsrqDb }: SignalInfo): Signal {
  if (nr !== undefined && nr.rsrpDbm !== unmeasured)
    return {
      rsrpDbm: nr.rsrpDbm,
      snrDb: nr.snrTenthDb / 10,
      ...(nrRsrqDb === undefined ? {} : { rsrqDb: nrRsrqDb }),
    };
  if (lte !== undefined)
    return { rssiDbm: lte.rssiDbm, rsrpDbm: lte.rsrpDbm, rsrqDb: lte.rsrqDb, snrDb: lte.snrTenthDb / 10 };
  const rssiDbm = wcdma?.rssiDbm ?? gsmRssiDbm;
  return rssiDbm === undefined ? {} : { rssiDbm };
}

/** What firmware says of NR while only the LTE anchor is in use. */
const unmeasured = -32_768;

export const signalPort = (network: QmiService): SignalPort => ({
  state: async (signal) => signalOf(await network.ask(nas.getSignalInfo, {}, signal)),
});

/** The cause of a refused or ended call where the network gave one. */
export function callCause(
  reason: { readonly type: string; readonly code: number } | undefined,
  system: ServingSystem | undefined,
): FailureCause | undefined {
  if (reason === undefined) return undefined;
  if (reason.type === "3gpp")
    return networkCause(isEps(system === undefined ? undefined : technologyOf(system)) ? "esm" : "sm", reason.code);
  return { domain: "qmi", code: reason.code, name: `callEnd.${reason.type}` };
}
