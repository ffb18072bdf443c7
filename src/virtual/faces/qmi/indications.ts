/** What the modem reports by itself after an event of the model, and which client wants it. Pure. */
import { encodeTlvs } from "../../../codec/tlv.js";
import type { Indication, IndicationOf } from "../../../qmi/message.js";
import * as dms from "../../../qmi/services/dms.js";
import * as nas from "../../../qmi/services/nas.js";
import * as signal from "../../../qmi/services/nas-signal.js";
import * as system from "../../../qmi/services/nas-system.js";
import * as uim from "../../../qmi/services/uim.js";
import * as refresh from "../../../qmi/services/uim-refresh.js";
import * as slots from "../../../qmi/services/uim-slots.js";
import * as voice from "../../../qmi/services/voice.js";
import * as wds from "../../../qmi/services/wds.js";
import * as wms from "../../../qmi/services/wms.js";
import type { Happening } from "../../machine.js";
import { messageNews } from "../../model/messages.js";
import type { VirtualProfile } from "../../model/profile.js";
import { type Change, changesBetween, type ModemState, signalOf } from "../../model/state.js";
import { cardStatus } from "./card-status.js";
import type { Client } from "./clients.js";
import * as describe from "./describe.js";
import { handedOverReport, storedReport } from "./messages.js";
import { callEndOf } from "./refusals.js";
import { slotStatus } from "./slots.js";
import { systemInfo } from "./system-info.js";
import { ussdReport } from "./ussd.js";

export interface Told {
  readonly indication: Indication;
  readonly client: Client;
  readonly tlvs: Buffer;
}

interface Report {
  readonly indication: Indication;
  readonly tlvs: Buffer;
}

const report = <I extends Indication>(indication: I, values: IndicationOf<I>): Report => ({
  indication,
  tlvs: encodeTlvs<I["indication"]>(indication.indication, values),
});

function rejectReport({ registration }: ModemState): readonly Report[] {
  if (registration.is !== "denied") return [];
  return [report(nas.networkRejected, { radioInterface: "lte", domain: "ps", cause: registration.cause })];
}

const placeReports = (state: ModemState): readonly Report[] => [
  report(nas.servingSystemChanged, describe.servingSystem(state)),
  report(system.systemInfoChanged, systemInfo(state)),
];

/** The card begins anew with files that have changed. */
function refreshReports({ event, outcome }: Happening): readonly Report[] {
  if (event.type !== "simRefresh" || outcome.refusal !== undefined) return [];
  const files = [{ id: imsiFileId, path: Buffer.from("003fff7f", "hex") }];
  const told = { mode: "init", sessionType: "primaryGw", aid: Buffer.alloc(0), files } as const;
  return [
    report(refresh.refreshed, { event: { ...told, stage: "start" } }),
    report(refresh.refreshed, { event: { ...told, stage: "success" } }),
  ];
}

function messageReports({ before, outcome }: Happening): readonly Report[] {
  const { stored, handedOver, becameFull } = messageNews(before, outcome.state);
  const full = { memory: { storage: "device", mode: "gsmUmts" } } as const;
  return [
    ...handedOver.map((pdu) => report(wms.eventReport, handedOverReport(pdu))),
    ...stored.map((message) => report(wms.eventReport, storedReport(message))),
    ...(becameFull ? [report(wms.memoryFull, full)] : []),
  ];
}

const imsiFileId = 0x6f07;

/** Whether the signal has moved as far as this client wants to hear of. */
function isWorthTelling({ signalSteps, toldDbm }: Client, state: ModemState): boolean {
  const nowDbm = signalOf(state);
  if (nowDbm === undefined || toldDbm === undefined || signalSteps.is === "every") return true;
  if (signalSteps.is === "delta") return Math.abs(nowDbm - toldDbm) >= signalSteps.db;
  const [low, high] = [Math.min(nowDbm, toldDbm), Math.max(nowDbm, toldDbm)];
  return signalSteps.dbm.some((threshold) => low < threshold && threshold <= high);
}

/** For every client of the service that has asked for it. */
function reportsOf(change: Change, profile: VirtualProfile, state: ModemState): readonly Report[] {
  switch (change) {
    case "sim":
      return [report(uim.cardStatusChanged, cardStatus(state))];
    case "slots":
      return [report(slots.slotStatusChanged, slotStatus(profile, state))];
    case "registration":
      return [...placeReports(state), ...rejectReport(state)];
    case "packetService":
      return [report(nas.servingSystemChanged, describe.servingSystem(state))];
    case "cell":
      return placeReports(state);
    case "signal":
      return [report(signal.signalInfoChanged, describe.signalInfo(state))];
    case "radio":
      return [report(dms.eventReport, { operatingMode: describe.operatingMode(state).mode })];
    case "ussd":
      return ussdReports(state);
    case "addresses":
    case "protocolOptions":
    case "blacklist":
      return [];
  }
}

function ussdReports({ ussd: { word } }: ModemState): readonly Report[] {
  const told = word && ussdReport(word);
  if (told === undefined || told.to === "asker") return [];
  return ["released" in told ? report(voice.ussdReleased, {}) : report(voice.ussdReceived, told.received)];
}

/** The reply to a code that this very client has sent; no registration is needed for that. */
function ofCode(client: Client, { before, outcome }: Happening): readonly Report[] {
  const { word } = outcome.state.ussd;
  if (!client.asksUssdWithoutWaiting || word === undefined || word.sequence === before.ussd.word?.sequence) return [];
  const told = ussdReport(word);
  return told.to === "asker" ? [report(voice.ussdOriginated, told.originated)] : [];
}

const isActive = ({ sessions }: ModemState, id: number): boolean =>
  sessions.some((session) => session.id === id && session.is === "active");

/** About the call of this very client; no registration is needed for that. */
function ofCall(client: Client, { before, outcome }: Happening): readonly Report[] {
  if (client.call === undefined) return [];
  const { sessionId } = client.call;
  const { state, ended } = outcome;
  const end = ended.find(({ id }) => id === sessionId);
  const connection = (status: "connected" | "disconnected") => ({ status, reconfigurationRequired: false }) as const;
  if (end !== undefined && isActive(before, sessionId))
    return [report(wds.packetServiceStatus, { connection: connection("disconnected"), ...callEndOf(end.cause) })];
  if (isActive(state, sessionId) && !isActive(before, sessionId))
    return [report(wds.packetServiceStatus, { connection: connection("connected") })];
  return [];
}

function addressReport(client: Client, { before, outcome }: Happening): readonly Report[] {
  const of = ({ sessions }: ModemState) => sessions.find(({ id }) => id === client.call?.sessionId);
  const [old, now] = [of(before), of(outcome.state)];
  if (old?.is !== "active" || now?.is !== "active" || old.lease.number === now.lease.number) return [];
  return [report(wds.extendedIpConfig, { changed: ["ipAddress", "gatewayInfo", "dnsAddress"] })];
}

/** Sessions first: a host must not think for a moment that it has a bearer without a network. */
export function indicationsOf(
  profile: VirtualProfile,
  happening: Happening,
  clients: Iterable<Client>,
): readonly Told[] {
  const { before, outcome } = happening;
  const changes = changesBetween(before, outcome.state);
  const common = [
    ...refreshReports(happening),
    ...messageReports(happening),
    ...changes.flatMap((change) => reportsOf(change, profile, outcome.state)),
  ];
  const told: Told[] = [];
  for (const client of clients) {
    const wanted = [...addressReport(client, happening), ...common].filter(
      ({ indication }) =>
        indication.service === client.service &&
        client.wants.has(indication.name) &&
        (indication !== signal.signalInfoChanged || isWorthTelling(client, outcome.state)),
    );
    for (const { indication, tlvs } of [...ofCall(client, happening), ...ofCode(client, happening), ...wanted])
      told.push({ indication, client, tlvs });
  }
  return told.sort((a, b) => Number(b.client.service === "wds") - Number(a.client.service === "wds"));
}
