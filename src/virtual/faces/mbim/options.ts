/** What the network tells of a session, and what a host has forbidden the modem. */
import { encodeProtocolOptions } from "../../../codec/protocol-options.js";
import type { ResponseOf, SetOf } from "../../../mbim/command.js";
import * as ms from "../../../mbim/services/ms-basic-connect-extensions.js";
import { status } from "../../../mbim/status.js";
import type { VirtualProfile } from "../../model/profile.js";
import type { Forbidden, ModemState } from "../../model/state.js";
import { type Answer, ok, type Service, type Serving, serve } from "./answer.js";
import { sessionOf } from "./describe.js";

const operatorOptionId = 0xff00;

/** Undefined without such a session. */
export function pcoValue(
  profile: VirtualProfile,
  state: ModemState,
  sessionId: number,
): ResponseOf<typeof ms.pco> | undefined {
  const session = sessionOf(state, sessionId);
  if (session?.is !== "active") return undefined;
  const told = profile.apns.find(({ apn }) => apn === session.apn)?.protocolOptions ?? {};
  const { operatorOption } = state.carrier;
  const all = { ...told, ...(operatorOption === undefined ? {} : { [operatorOptionId]: operatorOption }) };
  const options = Object.entries(all).map(([id, hex]) => ({ id: Number(id), content: Buffer.from(hex, "hex") }));
  return { sessionId, type: "complete", octets: [...encodeProtocolOptions(options)] };
}

const entryOf = ({ plmn, list }: Forbidden) => ({ mcc: Number(plmn.slice(0, 3)), mnc: Number(plmn.slice(3)), list });

export function blacklistInfo({ blacklist, registration }: ModemState): ResponseOf<typeof ms.networkBlacklist> {
  const isDenied = (list: Forbidden["list"]) =>
    registration.is === "denied" && blacklist.some((entry) => entry.list === list);
  return {
    state: [
      ...(isDenied("sim") ? (["simProvider"] as const) : []),
      ...(isDenied("network") ? (["networkProvider"] as const) : []),
    ],
    entries: blacklist.map(entryOf),
  };
}

function setBlacklist(
  { machine }: Serving,
  { entries }: SetOf<typeof ms.networkBlacklist>,
): Answer<typeof ms.networkBlacklist> {
  const forbidden = entries.flatMap(({ mcc, mnc, list }): readonly Forbidden[] =>
    list === "sim" || list === "network"
      ? [{ plmn: String(mcc).padStart(3, "0") + String(mnc).padStart(2, "0"), list }]
      : [],
  );
  if (forbidden.length < entries.length) return { status: status.invalidParameters };
  return ok(blacklistInfo(machine.send({ type: "blacklist", entries: forbidden }).state));
}

export const optionServices: readonly Service[] = [
  serve(ms.pco, {
    query: ({ machine: { profile, state } }, { sessionId }) => {
      const value = pcoValue(profile, state, sessionId);
      return value === undefined ? { status: status.contextNotActivated } : ok(value);
    },
  }),
  serve(ms.networkBlacklist, { query: ({ machine }) => ok(blacklistInfo(machine.state)), set: setBlacklist }),
];
