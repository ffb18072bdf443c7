/** org.ofono.Modem: power, radio and identity of one modem, and which other interfaces its path has now. */
import type { Modem, ModemState } from "../../modem/api.js";
import { bindOfono } from "../bind.js";
import { OfonoError } from "../errors.js";
import { type Answers, answering } from "./answers.js";
import type { LockdownHolder } from "./lockdown.js";
import { foreignText } from "./text.js";
import { client, reaffirm } from "./wishes.js";

/** What GetProperties shows. `interfaces`: those on the modem's path beside this one, the newest first. */
export interface ModemSnapshot {
  readonly state: ModemState;
  readonly systemPath: string | undefined;
  readonly interfaces: readonly string[];
}

export interface ModemActor {
  readonly modem: Modem;
  readonly lockdown: LockdownHolder;
}

const setting: Answers = {
  rules: ["InProgress", "NotImplemented", "NotAvailable", "AccessDenied", "EmergencyActive", "Timedout"],
  modem: ["NotImplemented", "NotAvailable", "Timedout"],
};

/** oFono's word for each interface, in Features. @see modem-api.txt */
const featureOf: Readonly<Record<string, string>> = {
  "org.ofono.SimManager": "sim",
  "org.ofono.NetworkRegistration": "net",
  "org.ofono.ConnectionManager": "gprs",
  "org.ofono.SupplementaryServices": "ussd",
  "org.ofono.MessageManager": "sms",
};

function featuresOf(interfaces: readonly string[]): readonly string[] {
  return interfaces.flatMap((name) => featureOf[name] ?? []);
}

/** oFono knows one word. */
const capabilitiesOf = ({ identity }: ModemState): readonly string[] | undefined =>
  identity.technologies?.includes("lte") ? ["lte"] : undefined;

function needsPower({ modem }: ModemActor): void {
  if (!modem.state.powered) throw new OfonoError("NotAvailable", "the modem is not powered");
}

export const modemInterface = bindOfono("org.ofono.Modem").to<ModemSnapshot, ModemActor>({
  properties: {
    Powered: {
      get: ({ state }) => state.powered,
      before: ({ modem }, on, caller) =>
        reaffirm(modem.state.powered === on, () => modem.setPowered(on, client(caller))),
      set: ({ modem }, on, caller) => answering(setting, () => modem.setPowered(on, client(caller))),
    },
    Online: {
      get: ({ state }) => state.online,
      before(actor, on, caller) {
        needsPower(actor);
        reaffirm(actor.modem.state.online === on, () => actor.modem.setOnline(on, client(caller)));
      },
      set: ({ modem }, on, caller) => answering(setting, () => modem.setOnline(on, client(caller))),
    },
    Lockdown: {
      get: ({ state }) => state.lockdown,
      before: ({ lockdown }, _on, caller) => lockdown.refuseOthers(caller),
      set: ({ lockdown }, on, caller) => answering(setting, () => lockdown.set(on, caller)),
    },
    Emergency: { get: ({ state }) => state.emergency },
    Manufacturer: { get: ({ state }) => foreignText(state.identity.manufacturer) },
    Model: { get: ({ state }) => foreignText(state.identity.model) },
    Revision: { get: ({ state }) => foreignText(state.identity.firmware) },
    Serial: { get: ({ state }) => foreignText(state.identity.imei) },
    SoftwareVersionNumber: { get: () => undefined },
    SystemPath: { get: ({ systemPath }) => systemPath },
    Interfaces: { get: ({ interfaces }) => interfaces, coalesce: true },
    Features: { get: ({ interfaces }) => featuresOf(interfaces), coalesce: true, alongside: "Interfaces" },
    Name: { get: () => undefined },
    Type: { get: () => "hardware" },
    Capabilities: { get: ({ state }) => capabilitiesOf(state) },
  },
  methods: {},
});
