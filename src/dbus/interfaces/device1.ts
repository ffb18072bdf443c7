/** net.wwand.Device1 at /net/wwand/device/BUS_ADDRESS: what was found on this machine, and why it is or is no modem. */
import { masked } from "../../runtime/log.js";
import { bindStandard } from "../standard.js";
import { type Dict, Variant } from "../types.js";
import { type Answers, answering } from "./answers.js";
import { uint32 } from "./numbers.js";
import type { DeviceState, DeviceView } from "./views.js";

const text = (value: string): Variant => new Variant("s", value);
const texts = (values: readonly string[]): Variant => new Variant("as", values);

const findingsOf = ({ findings }: DeviceState): readonly Dict[] =>
  findings.map((finding) => ({
    code: text(finding.code),
    severity: text(finding.severity),
    text: text(finding.text),
    remedy: text(finding.remedy),
  }));

const interfacesOf = ({ interfaces }: DeviceState): readonly Dict[] =>
  interfaces.map((one) => ({
    number: new Variant("u", uint32(one.number)),
    triple: text(one.triple),
    kind: text(one.what),
    driver: text(one.driver),
    module: text(one.module),
    config: text(one.config),
    moduleState: text(one.moduleState),
    ports: texts(one.ports),
  }));

const portsOf = ({ ports }: DeviceState): readonly Dict[] =>
  ports.map(({ path, role, because }) => ({ path: text(path), role: text(role), because: text(because) }));

const compositionsOf = ({ otherCompositions }: DeviceState): readonly Dict[] =>
  otherCompositions.map(({ name, ids, commands }) => ({ name: text(name), ids: text(ids), commands: texts(commands) }));

const switching = {
  rules: ["NotAvailable", "NotImplemented"],
  modem: ["InvalidFormat", "NotAvailable", "NotImplemented", "InProgress", "Timedout", "AccessDenied", "Canceled"],
} satisfies Answers;

export const deviceInterface = bindStandard("net.wwand.Device1").to<DeviceState, DeviceView>({
  properties: {
    Bus: { get: ({ bus }) => bus },
    Address: { get: ({ address }) => address },
    Ids: { get: ({ ids }) => ids },
    Manufacturer: { get: ({ manufacturer }) => manufacturer },
    Model: { get: ({ model }) => model },
    Certainty: { get: ({ certainty }) => certainty },
    Verdict: { get: ({ verdict }) => verdict },
    Summary: { get: ({ summary }) => summary },
    Protocol: { get: ({ protocol }) => protocol },
    Modem: { get: ({ modem }) => modem },
    Name: { get: ({ name }) => name },
    Imei: { get: ({ imei }) => masked(imei) },
    ModemManufacturer: { get: ({ modemManufacturer }) => modemManufacturer },
    ModemModel: { get: ({ modemModel }) => modemModel },
    Ports: { get: portsOf },
    Findings: { get: findingsOf },
    Interfaces: { get: interfacesOf },
    Composition: { get: ({ composition }) => composition },
    OtherCompositions: { get: compositionsOf },
    CompositionRisk: { get: ({ compositionRisk }) => compositionRisk },
    CompositionSource: { get: ({ compositionSource }) => compositionSource },
  },
  methods: {
    SwitchComposition: async (device, [wanted]) => {
      const switched = await answering(switching, () => device.switchComposition(wanted));
      const { composition, ids, name, back, summary } = switched;
      return [composition, ids, name, back, summary];
    },
  },
});
