/** The messages of the comparison: real ones of bring-up, small and large, each with its work in wwand. */
import { decodeStruct, encodeStruct, type Fields, type Values } from "../../src/codec/struct.js";
import { decodeTlvs, encodeTlvs, type TlvValues } from "../../src/codec/tlv.js";
import type { Command } from "../../src/mbim/command.js";
import { decodeMessage, encodeFrames, type MbimMessage } from "../../src/mbim/frame.js";
import * as bc from "../../src/mbim/services/basic-connect.js";
import { contextTypes } from "../../src/mbim/services/basic-connect-types.js";
import { decodeFrame, encodeFrame } from "../../src/qmi/frame.js";
import type { Message } from "../../src/qmi/message.js";
import { encodeResult, errorOf } from "../../src/qmi/result.js";
import * as nasSignal from "../../src/qmi/services/nas-signal.js";
import * as wds from "../../src/qmi/services/wds.js";
import { services } from "../../src/qmi/services.js";

export interface Job {
  /** As peer.c calls it. */
  readonly name: string;
  readonly what: string;
  readonly library: "libqmi" | "libmbim";
  /** What both sides decode, or encode to. */
  readonly bytes: Buffer;
  /** One message. */
  run(): unknown;
}

function qmiAnswer<M extends Message>(name: string, message: M, values: TlvValues<M["response"]>): Job {
  const tlvs = Buffer.concat([encodeResult(0), encodeTlvs<M["response"]>(message.response, values)]);
  const head = { kind: "response", service: services[message.service], client: 3, transaction: 5 } as const;
  const bytes = encodeFrame({ ...head, id: message.id, tlvs });
  const run = () => {
    const answer = decodeFrame(bytes);
    return errorOf(answer.tlvs) === 0 ? decodeTlvs<M["response"]>(message.response, answer.tlvs) : undefined;
  };
  return { name, what: `decode ${message.service.toUpperCase()} ${message.name}`, library: "libqmi", bytes, run };
}

function qmiRequest<M extends Message>(name: string, message: M, values: TlvValues<M["request"]>): Job {
  const head = { kind: "request", service: services[message.service], client: 3, transaction: 5 } as const;
  const run = () => encodeFrame({ ...head, id: message.id, tlvs: encodeTlvs<M["request"]>(message.request, values) });
  return {
    name,
    what: `encode ${message.service.toUpperCase()} ${message.name}`,
    library: "libqmi",
    bytes: run(),
    run,
  };
}

const wholeFrame = (message: MbimMessage): Buffer => encodeFrames(message, 4096)[0] ?? Buffer.alloc(0);

function mbimAnswer<R extends Fields>(
  name: string,
  command: Command & { readonly response: R },
  values: Values<R>,
): Job {
  const { service, cid } = command;
  const payload = encodeStruct(command.response, values);
  const bytes = wholeFrame({ type: "commandDone", transaction: 5, service, cid, status: 0, payload });
  const run = () => {
    const answer = decodeMessage(bytes);
    return answer.type === "commandDone" ? decodeStruct(command.response, answer.payload) : undefined;
  };
  return { name, what: `decode ${command.name}`, library: "libmbim", bytes, run };
}

function mbimSet<S extends Fields>(name: string, command: Command & { readonly set: S }, values: Values<S>): Job {
  const { service, cid } = command;
  const run = () =>
    wholeFrame({
      type: "command",
      action: "set",
      transaction: 5,
      service,
      cid,
      payload: encodeStruct(command.set, values),
    });
  return { name, what: `encode ${command.name} set`, library: "libmbim", bytes: run(), run };
}

export const jobs: readonly Job[] = [
  qmiAnswer("signal-info", nasSignal.getSignalInfo, {
    lte: { rssiDbm: -71, rsrqDb: -10, rsrpDbm: -99, snrTenthDb: 128 },
  }),
  qmiAnswer("current-settings", wds.getCurrentSettings, {
    primaryDns4: "10.64.0.1",
    address4: "10.64.0.2",
    gateway4: "10.64.0.1",
    netmask4: "255.255.255.0",
    address6: { address: "2001:db8:64::2", prefixLength: 64 },
    gateway6: { address: "2001:db8:64::1", prefixLength: 64 },
    primaryDns6: "2001:db8:64::1",
    mtu: 1500,
  }),
  qmiRequest("start-network", wds.startNetwork, {
    apn: "internet",
    authentication: ["chap"],
    username: "user",
    password: "password",
    ipFamily: "ipv4",
  }),
  mbimAnswer("connect-done", bc.connect, {
    sessionId: 0,
    activationState: "activated",
    voiceCallState: "none",
    ipType: "ipv4v6",
    contextType: contextTypes.internet,
    nwError: 0,
  }),
  mbimAnswer("register-state", bc.registerState, {
    nwError: 0,
    registerState: "home",
    registerMode: "automatic",
    availableDataClasses: ["lte"],
    currentCellularClass: ["gsm"],
    providerId: "00101",
    providerName: "Wwand Mobile",
    roamingText: "",
    registrationFlags: ["packetServiceAutoAttach"],
  }),
  mbimAnswer("ip-configuration", bc.ipConfiguration, {
    sessionId: 0,
    ipv4Available: ["address", "gateway", "dns", "mtu"],
    ipv6Available: ["address", "gateway", "dns", "mtu"],
    ipv4Addresses: [{ prefixLength: 24, address: "10.64.0.2" }],
    ipv6Addresses: [{ prefixLength: 64, address: "2001:db8:64::2" }],
    ipv4Gateway: "10.64.0.1",
    ipv6Gateway: "2001:db8:64::1",
    ipv4Dns: ["10.64.0.1", "10.64.0.3"],
    ipv6Dns: ["2001:db8:64::1"],
    ipv4Mtu: 1500,
    ipv6Mtu: 1500,
  }),
  mbimSet("connect-set", bc.connect, {
    sessionId: 0,
    command: "activate",
    accessString: "internet",
    userName: "user",
    password: "password",
    compression: "none",
    authProtocol: "chap",
    ipType: "ipv4v6",
    contextType: contextTypes.internet,
  }),
];
