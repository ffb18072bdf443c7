/** net.wwand.Modem1 at /net/wwand/modem/NAME: what org.ofono cannot say about a modem. NAME is that of the modem there. */
import type { Context, ContextState, Modem, ModemState } from "../../modem/api.js";
import type { IpMethod, PacketStatistics } from "../../modem/types.js";
import type { IpSettings } from "../../network/types.js";
import { causeText } from "../../runtime/error.js";
import { masked } from "../../runtime/log.js";
import { bindStandard } from "../standard.js";
import { type Answers, answering } from "./answers.js";
import { uint64 } from "./numbers.js";

export interface Modem1Snapshot {
  readonly ofonoPath: string;
  /** As `Modem.driverName`: the protocol, a blank, the port. */
  readonly driverName: string;
  readonly state: ModemState;
  /** Of the open data call; empty without one. */
  readonly interfaceName: string;
  /** How that got its IPv4 address; empty without one. */
  readonly addressMethod: "" | IpMethod;
  /** Of the open data call. */
  readonly options: ContextState["options"];
  /** The first one for the internet. */
  readonly context: Pick<ContextState, "apn" | "origin"> | undefined;
}

const reading: Answers = {
  rules: ["NotAvailable", "NotImplemented"],
  modem: ["NotAvailable", "NotImplemented"],
};

const changing: Answers = { ...reading, modem: [...reading.modem, "Timedout"] };

/** The context whose data call is open, the first one where there are several. */
export const activeContext = (modem: Modem): Context | undefined =>
  modem.packetData?.contexts.find(({ state }) => state.active && state.bearer !== undefined);

/** Of the IPv4 address on the interface of a data call, whoever put it there. */
export function addressMethodOf(settings: IpSettings | undefined): "" | IpMethod {
  const ipv4 = settings?.ipv4;
  if (ipv4 === undefined) return "";
  return ipv4.method === "dhcp" ? "dhcp" : (ipv4.obtained ?? "static");
}

const counters = (statistics: PacketStatistics): Readonly<Record<string, bigint>> => ({
  RxBytes: uint64(statistics.rxBytes),
  TxBytes: uint64(statistics.txBytes),
  RxPackets: uint64(statistics.rxPackets),
  TxPackets: uint64(statistics.txPackets),
  RxErrors: uint64(statistics.rxErrors),
  TxErrors: uint64(statistics.txErrors),
  RxDrops: uint64(statistics.rxDrops),
  TxDrops: uint64(statistics.txDrops),
});

const [protocol, port] = [/^\S*/, /^\S*\s*/];

export const modem1Interface = bindStandard("net.wwand.Modem1").to<Modem1Snapshot, Modem>({
  properties: {
    OfonoPath: { get: ({ ofonoPath }) => ofonoPath },
    Driver: { get: ({ driverName }) => protocol.exec(driverName)?.[0] ?? "" },
    Port: { get: ({ driverName }) => driverName.replace(port, "") },
    Imei: { get: ({ state }) => masked(state.identity.imei ?? "") },
    Level: { get: ({ state }) => state.level },
    Stage: { get: ({ state }) => state.stage },
    Cause: { get: ({ state }) => (state.cause === undefined ? "" : causeText(state.cause)) },
    Interface: { get: ({ interfaceName }) => interfaceName },
    AddressMethod: { get: ({ addressMethod }) => addressMethod },
    Apn: { get: ({ context }) => context?.apn ?? "" },
    ApnSource: { get: ({ context }) => (context ? `${context.origin.source}: ${context.origin.from}` : "") },
    ApnPassedOver: { get: ({ context }) => context?.origin.passedOver ?? [] },
    ProtocolOptions: {
      get: ({ options }) => options.map(({ id, plmn = "", content }) => [id, plmn, content] as const),
    },
    WhoHoldsRadioOff: { get: ({ state }) => state.radioOffBecause },
  },
  methods: {
    Reset: async ({ control }) => {
      await answering(changing, () => control.reset());
    },
    GetGnss: ({ control }) => answering(changing, () => control.gnss()),
    SetGnss: async ({ control }, [on]) => {
      await answering(changing, () => control.setGnss(on));
    },
    GetTemperatures: async ({ control }) => {
      const told = await answering(changing, () => control.temperatures());
      return told.map(({ sensor, celsius }) => [sensor, celsius] as const);
    },
    GetStatistics: async (modem) => {
      const context = activeContext(modem);
      return context === undefined ? {} : counters(await answering(reading, () => context.statistics()));
    },
  },
});
