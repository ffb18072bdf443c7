/** Sessions: connect, contexts, IP configuration, counters. */
import type { QueryOf, SetOf } from "../../../mbim/command.js";
import * as bc from "../../../mbim/services/basic-connect.js";
import { contextTypes } from "../../../mbim/services/basic-connect-types.js";
import { status } from "../../../mbim/status.js";
import type { PdnRequest } from "../../model/carrier.js";
import type { Pdn } from "../../model/words.js";
import { type Answer, ok, type Reply, type Service, type Serving, serve } from "./answer.js";
import * as describe from "./describe.js";
import { statusOf, statusOfPdnCause } from "./refusals.js";

type ConnectRequest = SetOf<typeof bc.connect>;
type Connected = Answer<typeof bc.connect>;

const pdnOf: Readonly<Record<string, Pdn | "default">> = {
  default: "default",
  ipv4: "ipv4",
  ipv6: "ipv6",
  ipv4v6: "ipv4v6",
  ipv4AndIpv6: "ipv4v6",
};

const maxAccessStringChars = 100;
const maxCredentialChars = 255;

function pdnRequestOf(request: ConnectRequest): PdnRequest | undefined {
  const { accessString: apn, userName: username, password, authProtocol: auth } = request;
  const pdn = pdnOf[request.ipType];
  const tooLong =
    apn.length > maxAccessStringChars || username.length > maxCredentialChars || password.length > maxCredentialChars;
  const known = auth === "none" || auth === "pap" || auth === "chap" || auth === "mschapv2";
  if (pdn === undefined || tooLong || !known) return undefined;
  return { apn, username, password, auth, pdn };
}

function activate({ machine }: Serving, request: ConnectRequest): Reply<typeof bc.connect> {
  const pdn = pdnRequestOf(request);
  if (pdn === undefined) return { status: status.invalidParameters };
  // One PDN per session, and this network knows only the internet.
  if (request.contextType !== contextTypes.internet) return { status: status.noDeviceSupport };
  const id = request.sessionId;
  const { refusal } = machine.send({ type: "connect", id, request: pdn });
  if (refusal !== undefined) return { status: statusOf(refusal) };
  return {
    later: (state, ended): Connected | undefined => {
      const end = ended.find((session) => session.id === id);
      if (end === undefined) {
        return describe.sessionOf(state, id)?.is === "active" ? ok(describe.connection(state, id)) : undefined;
      }
      const { cause = 0 } = end;
      return { status: statusOfPdnCause(cause), values: describe.connection(state, id, cause) };
    },
  };
}

function setConnect(serving: Serving, request: ConnectRequest): Reply<typeof bc.connect> {
  const { machine } = serving;
  if (request.sessionId > 255) return { status: status.invalidParameters };
  if (request.command === "activate") return activate(serving, request);
  if (request.command !== "deactivate") return { status: status.invalidParameters };
  const { state, refusal } = machine.send({ type: "disconnect", id: request.sessionId });
  const values = describe.connection(state, request.sessionId);
  return refusal === undefined ? ok(values) : { status: statusOf(refusal), values };
}

function ipConfiguration(
  { machine }: Serving,
  { sessionId }: QueryOf<typeof bc.ipConfiguration>,
): Answer<typeof bc.ipConfiguration> {
  const session = describe.sessionOf(machine.state, sessionId);
  if (session?.is !== "active") return { status: status.contextNotActivated };
  return ok(describe.ipConfiguration(machine.profile, session));
}

export const dataServices: readonly Service[] = [
  serve(bc.connect, {
    query: ({ machine }, { sessionId }) => ok(describe.connection(machine.state, sessionId)),
    set: setConnect,
  }),
  serve(bc.provisionedContextList, {
    query: ({ machine }) => ok({ contexts: describe.storedContexts(machine.profile) }),
  }),
  serve(bc.ipConfiguration, { query: ipConfiguration }),
  serve(bc.packetStatistics, {
    query: ({ counts }) => {
      const now = counts();
      return ok({
        inDiscards: now.inDiscards,
        inErrors: 0,
        inOctets: BigInt(now.inOctets),
        inPackets: BigInt(now.inPackets),
        outOctets: BigInt(now.outOctets),
        outPackets: BigInt(now.outPackets),
        outErrors: 0,
        outDiscards: now.outDiscards,
      });
    },
  }),
];
