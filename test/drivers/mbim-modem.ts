/** A scripted MBIM modem with card, network and sessions, for driver tests. A test changes what it needs. */
import type { Values } from "../../src/codec/struct.js";
import * as bc from "../../src/mbim/services/basic-connect.js";
import { contextTypes, unknownU32 } from "../../src/mbim/services/basic-connect-types.js";
import { status } from "../../src/mbim/status.js";
import { type Clock, systemClock } from "../../src/runtime/clock.js";
import { ScriptedDevice, type ScriptedDeviceOptions } from "../mbim/device.js";

export type ConnectInfo = Values<typeof bc.connect.response>;
export type IpConfiguration = Values<typeof bc.ipConfiguration.response>;
export type RegisterInfo = Values<typeof bc.registerState.response>;
export type PacketServiceInfo = Values<typeof bc.packetService.response>;
export type SubscriberInfo = Values<typeof bc.subscriberReadyStatus.response>;
export type PinInfo = Values<typeof bc.pin.response>;

export const caps: Values<typeof bc.deviceCaps.response> = {
  deviceType: "embedded",
  cellularClass: ["gsm"],
  voiceClass: "none",
  simClass: ["removable"],
  dataClass: ["umts", "hsdpa", "hsupa", "lte"],
  smsCaps: ["pduReceive", "pduSend"],
  controlCaps: ["manualRegistration"],
  maxSessions: 2,
  customDataClass: "",
  deviceId: "490154203237518",
  firmwareInfo: "SWI9X30C_02.33.03.00",
  hardwareInfo: "EM7455",
};

export const registered: RegisterInfo = {
  nwError: 0,
  registerState: "home",
  registerMode: "automatic",
  availableDataClasses: ["umts", "lte"],
  currentCellularClass: ["gsm"],
  providerId: "26201",
  providerName: "Telekom.de",
  roamingText: "",
  registrationFlags: [],
};

export const attached: PacketServiceInfo = {
  nwError: 0,
  packetServiceState: "attached",
  highestAvailableDataClass: ["lte"],
  uplinkSpeed: 50_000_000n,
  downlinkSpeed: 100_000_000n,
};

export const ready: SubscriberInfo = {
  readyState: "initialized",
  subscriberId: "262019876543210",
  simIccId: "8949020000012345678",
  readyInfo: [],
  telephoneNumbers: ["+491701234567"],
};

export const connectInfo = (sessionId: number, changes: Partial<ConnectInfo> = {}): ConnectInfo => ({
  sessionId,
  activationState: "activated",
  voiceCallState: "none",
  ipType: "ipv4",
  contextType: contextTypes.internet,
  nwError: 0,
  ...changes,
});

export const noAddresses = (sessionId: number): IpConfiguration => ({
  sessionId,
  ipv4Available: [],
  ipv6Available: [],
  ipv4Addresses: [],
  ipv6Addresses: [],
  ipv4Gateway: undefined,
  ipv6Gateway: undefined,
  ipv4Dns: [],
  ipv6Dns: [],
  ipv4Mtu: 0,
  ipv6Mtu: 0,
});

export const ipv4Only = (sessionId: number): IpConfiguration => ({
  ...noAddresses(sessionId),
  ipv4Available: ["address", "gateway", "dns", "mtu"],
  ipv4Addresses: [{ prefixLength: 29, address: "10.64.0.2" }],
  ipv4Gateway: "10.64.0.1",
  ipv4Dns: ["192.0.2.53", "192.0.2.54"],
  ipv4Mtu: 1430,
});

export const dual = (sessionId: number): IpConfiguration => ({
  ...ipv4Only(sessionId),
  ipv6Available: ["address", "gateway", "dns", "mtu"],
  ipv6Addresses: [{ prefixLength: 64, address: "2001:db8:1::2" }],
  ipv6Gateway: "fe80::1",
  ipv6Dns: ["2001:db8::53"],
  ipv6Mtu: 1400,
});

const everyCid = [1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 15, 16, 19, 20];

export class ScriptedModem extends ScriptedDevice {
  readonly clock: Clock;
  radioOn = true;
  pin: PinInfo = { pinType: "pin1", pinState: "unlocked", remainingAttempts: 3 };
  subscriber: SubscriberInfo = ready;
  register: RegisterInfo = registered;
  packetService: PacketServiceInfo = attached;
  /** What IP_CONFIGURATION answers for a session that is up. */
  addresses: (sessionId: number) => IpConfiguration = ipv4Only;
  /** Sessions that are up, by number. */
  readonly sessions = new Map<number, ConnectInfo>();

  constructor(options: ScriptedDeviceOptions = {}) {
    super(options);
    this.clock = options.clock ?? systemClock;
    const service = bc.basicConnectService;
    this.onQuery(bc.deviceCaps, () => ({ values: caps }))
      .onQuery(bc.deviceServices, () => ({
        values: { maxDssSessions: 0, services: [{ service, dssPayload: [], maxDssInstances: 0, cids: everyCid }] },
      }))
      .onSet(bc.deviceServiceSubscribeList, (request) => ({ values: request }))
      .onQuery(bc.subscriberReadyStatus, () => ({ values: this.subscriber }))
      .onQuery(bc.pin, () => ({ values: this.pin }))
      .onQuery(bc.radioState, () => ({ values: this.#radio() }))
      .onSet(bc.radioState, ({ software }) => {
        this.radioOn = software === "on";
        return { values: this.#radio() };
      })
      .onQuery(bc.registerState, () => ({ values: this.register }))
      .onQuery(bc.packetService, () => ({ values: this.packetService }))
      .onSet(bc.packetService, ({ action }) => {
        this.packetService = { ...attached, packetServiceState: action === "attach" ? "attached" : "detached" };
        return { values: this.packetService };
      })
      .onQuery(bc.signalState, () => ({
        values: {
          rssi: 20,
          errorRate: 99,
          signalStrengthInterval: 5,
          rssiThreshold: 1,
          errorRateThreshold: unknownU32,
        },
      }))
      .onQuery(bc.connect, ({ sessionId }) => ({
        values:
          this.sessions.get(sessionId) ?? connectInfo(sessionId, { activationState: "deactivated", ipType: "default" }),
      }))
      .onSet(bc.connect, (request) => this.connect(request))
      .onQuery(bc.ipConfiguration, ({ sessionId }) =>
        this.sessions.has(sessionId) ? { values: this.addresses(sessionId) } : { status: status.contextNotActivated },
      )
      .onQuery(bc.packetStatistics, () => ({
        values: {
          inDiscards: 1,
          inErrors: 2,
          inOctets: 3_000_000_000n,
          inPackets: 4n,
          outOctets: 5n,
          outPackets: 6n,
          outErrors: 7,
          outDiscards: 8,
        },
      }));
  }

  /** Sessions go up and down as asked; refuses to end one that is down, as real modems do. */
  connect({ sessionId, command, ipType }: Values<typeof bc.connect.set>) {
    if (command === "activate") {
      const info = connectInfo(sessionId, { ipType });
      this.sessions.set(sessionId, info);
      return { values: info };
    }
    const values = connectInfo(sessionId, { activationState: "deactivated", ipType: "default" });
    return this.sessions.delete(sessionId) ? { values } : { status: status.contextNotActivated, values };
  }

  #radio(): Values<typeof bc.radioState.response> {
    return { hardware: "on", software: this.radioOn ? "on" : "off" };
  }
}
