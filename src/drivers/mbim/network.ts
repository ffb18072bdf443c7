/** Radio, registration, attach and signal. @see MBIM 1.0 10.5.3, 10.5.8 to 10.5.11 */

import { networkCause } from "../../codec/network-cause.js";
import type { MbimClient } from "../../mbim/client.js";
import type { ResponseOf } from "../../mbim/command.js";
import { packetService, radioState, registerState, visibleProviders } from "../../mbim/services/basic-connect.js";
import { unknownU32 } from "../../mbim/services/basic-connect-types.js";
import type { locationInfoStatus } from "../../mbim/services/ms-basic-connect-extensions.js";
import { statusError, status as statusOf } from "../../mbim/status.js";
import type { PacketServicePort, RadioPort, RadioState, RegistrationPort } from "../../modem/ports.js";
import type { Operator, PacketService, Registration, RegistrationStatus, Technology } from "../../modem/types.js";
import { type FailureCause, ModemError } from "../../runtime/error.js";
import { bestTechnology, type DataClasses, isEps } from "./technology.js";

type RadioInfo = ResponseOf<typeof radioState>;
type RegistrationInfo = ResponseOf<typeof registerState>;
type PacketServiceInfo = ResponseOf<typeof packetService>;
type LocationInfo = ResponseOf<typeof locationInfoStatus>;
type Provider = ResponseOf<typeof visibleProviders>["providers"][number];

export const radioOf = ({ hardware, software }: RadioInfo): RadioState => ({
  softwareOn: software === "on",
  hardwareOn: hardware === "on",
});

export const radioPort = (client: MbimClient): RadioPort => ({
  state: async (signal) => radioOf(await client.query(radioState, {}, signal)),
  setOn: async (on, signal) => radioOf(await client.set(radioState, { software: on ? "on" : "off" }, signal)),
});

const statuses: Readonly<Record<string, RegistrationStatus>> = {
  deregistered: "unregistered",
  searching: "searching",
  home: "registered",
  roaming: "roaming",
  // A partner's network is a foreign one, chosen by the operator's list.
  partner: "roaming",
  denied: "denied",
};

const mobilityCause = (nwError: number, classes: DataClasses): FailureCause | undefined =>
  networkCause(isEps(bestTechnology(classes)) ? "emm" : "gmm", nwError);

const plmnOf = (providerId: string): { mcc: string; mnc: string } | undefined =>
  /^\d{5,6}$/.test(providerId) ? { mcc: providerId.slice(0, 3), mnc: providerId.slice(3) } : undefined;

/** What other CIDs told last that belongs to a registration. */
export interface Surroundings {
  /** In use, as PACKET_SERVICE told it: REGISTER_STATE only knows what the place offers. */
  readonly technology: Technology | undefined;
  readonly location: LocationInfo | undefined;
}

function placeOf(location: LocationInfo | undefined): Pick<Registration, "areaCode" | "cellId"> {
  if (location === undefined) return {};
  const { locationAreaCode, trackingAreaCode, cellId } = location;
  const areaCode = [trackingAreaCode, locationAreaCode].find((code) => code !== unknownU32);
  return { ...(areaCode === undefined ? {} : { areaCode }), ...(cellId === unknownU32 ? {} : { cellId }) };
}

export function registrationOf(info: RegistrationInfo, { technology: inUse, location }: Surroundings): Registration {
  const status = statuses[info.registerState] ?? "unknown";
  const isServed = status === "registered" || status === "roaming";
  const technology = isServed ? (inUse ?? bestTechnology(info.availableDataClasses)) : undefined;
  const cause = isServed ? undefined : mobilityCause(info.nwError, info.availableDataClasses);
  return {
    status,
    mode: info.registerMode === "manual" ? "manual" : "auto",
    ...(technology === undefined ? {} : { technology }),
    ...(info.providerName === "" ? {} : { operatorName: info.providerName }),
    ...plmnOf(info.providerId),
    ...(info.roamingText === "" ? {} : { roamingText: info.roamingText }),
    ...(isServed ? placeOf(location) : {}),
    ...(cause === undefined ? {} : { cause }),
  };
}

function operatorStatus({ providerState }: Provider): Operator["status"] {
  if (providerState.includes("registered")) return "current";
  if (providerState.includes("forbidden")) return "forbidden";
  return providerState.includes("visible") ? "available" : "unknown";
}

/** One entry per PLMN; MBIM lists a network once per technology, but does not say which. */
function operatorsOf(providers: readonly Provider[]): readonly Operator[] {
  const byPlmn = new Map<string, Operator>();
  for (const provider of providers) {
    const plmn = plmnOf(provider.providerId);
    if (plmn === undefined) continue;
    const operator: Operator = {
      ...plmn,
      name: provider.providerName,
      status: operatorStatus(provider),
      technologies: [],
    };
    if (byPlmn.get(provider.providerId)?.status !== "current") byPlmn.set(provider.providerId, operator);
  }
  return [...byPlmn.values()];
}

/** `completed` adds what other CIDs tell, which can be asked at the same time. */
export function registrationPort(
  client: MbimClient,
  completed: (asked: Promise<RegistrationInfo>, signal: AbortSignal) => Promise<Registration>,
): RegistrationPort {
  const register = async (action: "automatic" | "manual", providerId: string, signal: AbortSignal): Promise<void> => {
    const outcome = await client.trySet(registerState, { providerId, action, dataClass: [] }, signal);
    if (outcome.status === statusOf.success) return;
    const { nwError = 0, availableDataClasses = [] } = outcome.values ?? {};
    throw statusError(
      `registration ${providerId}`.trim(),
      outcome.status,
      mobilityCause(nwError, availableDataClasses),
    );
  };
  return {
    state: (signal) => completed(client.query(registerState, {}, signal), signal),
    registerAutomatically: (signal) => register("automatic", "", signal),
    registerManually: async (mcc, mnc, signal) => {
      if (plmnOf(mcc + mnc) === undefined) throw new ModemError("invalid", `${mcc}${mnc} is no PLMN`);
      await register("manual", mcc + mnc, signal);
    },
    scan: async (signal) => operatorsOf((await client.query(visibleProviders, { action: "full" }, signal)).providers),
  };
}

export function packetServiceOf(info: PacketServiceInfo): PacketService {
  const state = info.packetServiceState;
  const isKnown = state === "attached" || state === "attaching" || state === "detached" || state === "detaching";
  const technology = state === "attached" ? bestTechnology(info.highestAvailableDataClass) : undefined;
  const cause = state === "attached" ? undefined : mobilityCause(info.nwError, info.highestAvailableDataClass);
  return {
    state: isKnown ? state : "unknown",
    ...(technology === undefined ? {} : { technology }),
    ...(cause === undefined ? {} : { cause }),
  };
}

/** `observe` hears every state on its way to the caller. */
export function packetServicePort(
  client: MbimClient,
  observe: (state: PacketService) => PacketService,
): PacketServicePort {
  const change = async (action: "attach" | "detach", signal: AbortSignal): Promise<PacketService> => {
    const { status, values } = await client.trySet(packetService, { action }, signal);
    if (status === statusOf.success && values !== undefined) return observe(packetServiceOf(values));
    const { nwError = 0, highestAvailableDataClass = [] } = values ?? {};
    throw statusError(action, status, mobilityCause(nwError, highestAvailableDataClass));
  };
  return {
    state: async (signal) => observe(packetServiceOf(await client.query(packetService, {}, signal))),
    attach: (signal) => change("attach", signal),
    detach: (signal) => change("detach", signal),
  };
}
