/** WDS: data calls, one per client and IP family. */
import type { RequestOf, ResponseOf } from "../../../qmi/message.js";
import { qmiErrors } from "../../../qmi/result.js";
import * as wds from "../../../qmi/services/wds.js";
import type { PdnRequest } from "../../model/carrier.js";
import type { VirtualProfile } from "../../model/profile.js";
import type { Pdn } from "../../model/words.js";
import { type Answer, no, ok, type Reply, type Served, type Serving, serve } from "./answer.js";
import { isEndpointOf } from "./data-format.js";
import * as describe from "./describe.js";
import { authOf, profileAt } from "./profiles.js";
import { callEndOf, errorOfRefusal } from "./refusals.js";

type StartRequest = RequestOf<typeof wds.startNetwork>;
type Start = Reply<typeof wds.startNetwork>;

const pdnOf: Readonly<Record<string, Pdn | "default">> = { ipv4: "ipv4", ipv6: "ipv6", unspecified: "default" };

/** What the profile says, but for what is given beside it. Undefined: there is no such profile, or no such family. */
function pdnRequestOf({ client, machine }: Serving, request: StartRequest): PdnRequest | undefined {
  const pdn = pdnOf[request.ipFamily ?? client.ipFamily];
  const index = request.profile3gpp;
  const profile = index === undefined ? undefined : profileAt(machine.state, index);
  if (pdn === undefined || (index !== undefined && profile === undefined)) return undefined;
  const { apn, username, password } = { ...profile, ...request };
  return {
    apn: apn ?? "",
    username: username ?? "",
    password: password ?? "",
    auth: request.authentication === undefined ? (profile?.auth ?? "none") : authOf(request),
    pdn,
    ...(profile?.pdn === "ipv4v6" ? { profile: profile.cid } : {}),
  };
}

/** Handles look like addresses, and clients must not guess them. */
const handleOf = (sessionId: number): number => 0xe100_0000 + sessionId * 0x1430;

/** Sessions of the model carry their client's id: one call a client, as WDS has it. */
function startNetwork(serving: Serving, request: StartRequest): Start {
  const { client, machine, context } = serving;
  const pdn = pdnRequestOf(serving, request);
  if (pdn === undefined) return no(qmiErrors.invalidArgument);
  const id = client.id;
  if (client.muxId !== undefined) context.dataLink.channels?.bind(id, client.muxId);
  const { refusal } = machine.send({ type: "connect", id, request: pdn });
  if (refusal !== undefined) return no(errorOfRefusal(refusal), callEndOf(undefined));
  const call = { packetDataHandle: handleOf(id), sessionId: id };
  client.call = call;
  return {
    later: (state, ended) => {
      const end = ended.find((session) => session.id === id);
      if (end !== undefined) {
        client.call = undefined;
        return no(qmiErrors.callFailed, callEndOf(end.cause));
      }
      const isActive = state.sessions.some((session) => session.id === id && session.is === "active");
      return isActive ? ok({ packetDataHandle: call.packetDataHandle }) : undefined;
    },
  };
}

/** Stops whatever this client has, also what it cannot name any more. */
const globalHandle = 0xffff_ffff;

function stopNetwork(
  { client, machine }: Serving,
  { packetDataHandle }: RequestOf<typeof wds.stopNetwork>,
): Answer<typeof wds.stopNetwork> {
  const { call } = client;
  if (call === undefined) return no(qmiErrors.noEffect);
  if (packetDataHandle !== call.packetDataHandle && packetDataHandle !== globalHandle)
    return no(qmiErrors.invalidHandle);
  machine.send({ type: "disconnect", id: call.sessionId });
  client.call = undefined;
  return ok({});
}

function activeSession({ client, machine }: Serving) {
  const session = machine.state.sessions.find(({ id }) => id === client.call?.sessionId);
  return session?.is === "active" ? session : undefined;
}

function currentSettings(serving: Serving): Answer<typeof wds.getCurrentSettings> {
  const session = activeSession(serving);
  return session === undefined
    ? no(qmiErrors.outOfCall)
    : ok(describe.currentSettings(serving.machine.profile, session));
}

/** Of this client's own call. */
function statistics({ client, context }: Serving): ResponseOf<typeof wds.getPacketStatistics> {
  const counts = context.counts(client.call?.sessionId);
  const { inPackets, inOctets, inDiscards, outPackets, outOctets, outDiscards } = counts;
  return {
    txPackets: outPackets,
    rxPackets: inPackets,
    txBytes: BigInt(outOctets),
    rxBytes: BigInt(inOctets),
    txDropped: outDiscards,
    rxDropped: inDiscards,
    txErrors: 0,
    rxErrors: 0,
    txOverflows: 0,
    rxOverflows: 0,
  };
}

function attachParameters({ machine }: Serving): Answer<typeof wds.getLteAttachParameters> {
  const { packet, registration } = machine.state;
  const isLte = registration.is === "registered" && registration.operator.technology === "lte";
  if (!isLte || packet.is !== "attached") return no(qmiErrors.informationUnavailable);
  return ok({ apn: machine.profile.defaultApn, ipSupport: "ipv4v6", overTheAirAttach: true });
}

/** Before the call; its own endpoint is the only one that a function has. */
function bindMuxDataPort(
  { client, context }: Serving,
  { endpoint, muxId }: RequestOf<typeof wds.bindMuxDataPort>,
): Answer<typeof wds.bindMuxDataPort> {
  const isOurs = endpoint === undefined || isEndpointOf(context, endpoint);
  if (!isOurs || context.dataLink.channels === undefined) return no(qmiErrors.invalidArgument);
  if (client.call !== undefined) return no(qmiErrors.incompatibleState);
  client.muxId = muxId;
  return ok({});
}

/** The network starts its timer anew at each refusal. */
const throttled = ({ apns }: VirtualProfile) =>
  apns.flatMap(({ apn, backOffMs }) =>
    backOffMs === undefined
      ? []
      : [{ apn, isIpv4Throttled: true, isIpv6Throttled: true, ipv4LeftMs: backOffMs, ipv6LeftMs: backOffMs }],
  );

export const dataMessages: readonly Served[] = [
  serve(wds.setEventReport, () => ok({})),
  serve(wds.indicationRegister, ({ client }, { extendedIpConfig }) => {
    if (extendedIpConfig === true) client.wants.add(wds.extendedIpConfig.name);
    else if (extendedIpConfig === false) client.wants.delete(wds.extendedIpConfig.name);
    return ok({});
  }),
  serve(wds.setIpFamily, ({ client }, { preference }) => {
    if (preference !== "ipv4" && preference !== "ipv6" && preference !== "unspecified")
      return no(qmiErrors.invalidIpFamilyPreference);
    client.ipFamily = preference;
    return ok({});
  }),
  serve(wds.startNetwork, startNetwork),
  serve(wds.stopNetwork, stopNetwork),
  serve(wds.abort, ({ client, machine }) => {
    const starting = machine.state.sessions.find(({ id }) => id === client.call?.sessionId);
    if (starting?.is !== "activating") return no(qmiErrors.invalidTransactionId);
    machine.send({ type: "disconnect", id: starting.id });
    return ok({});
  }),
  serve(wds.getPacketServiceStatus, (serving) =>
    ok({ status: activeSession(serving) === undefined ? "disconnected" : "connected" }),
  ),
  serve(wds.getCurrentSettings, currentSettings),
  serve(wds.getPacketStatistics, (serving) =>
    activeSession(serving) === undefined ? no(qmiErrors.outOfCall) : ok(statistics(serving)),
  ),
  serve(wds.getLteAttachParameters, attachParameters),
  serve(wds.bindMuxDataPort, bindMuxDataPort),
  serve(wds.getPdnThrottleInfo, ({ machine }) => ok({ apns: throttled(machine.profile) })),
];
