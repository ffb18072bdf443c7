/** org.ofono.NetworkRegistration: where the modem is registered, and the operators around. */
import type { NetworkRegistration, RegistrationPartState } from "../../modem/api.js";
import { bindOfono } from "../bind.js";
import type { Dict } from "../types.js";
import { type Answers, answering, cmeNames } from "./answers.js";
import { percent } from "./numbers.js";
import { foreignText } from "./text.js";

/** An operator's object and its properties. */
export type ListedOperator = readonly [path: string, properties: Dict];

export interface RegistrationActor {
  readonly registration: NetworkRegistration;
  /** The operators as they are exported now. */
  operators(): readonly ListedOperator[];
}

export const registering: Answers = { rules: ["InProgress", "NotImplemented", "AccessDenied"], modem: cmeNames };
const scanning: Answers = { rules: ["InProgress", "NotImplemented"], modem: ["NotImplemented"] };

// Signals leave in this order: Status first, then where, then who.
export const networkRegistrationInterface = bindOfono("org.ofono.NetworkRegistration").to<
  RegistrationPartState,
  RegistrationActor
>({
  properties: {
    Status: { get: ({ status }) => status },
    Mode: { get: ({ mode }) => mode },
    // oFono carries 16 bits: what is wider (NR) is told by net.wwand alone.
    LocationAreaCode: { get: ({ areaCode }) => (areaCode === undefined || areaCode > 0xffff ? undefined : areaCode) },
    CellId: { get: ({ cellId }) => (cellId === undefined || cellId > 0xffff_ffff ? undefined : cellId) },
    Technology: { get: ({ technology }) => technology },
    MobileCountryCode: { get: ({ mcc }) => foreignText(mcc) },
    MobileNetworkCode: { get: ({ mnc }) => foreignText(mnc) },
    Name: { get: ({ name }) => foreignText(name) },
    Strength: { get: ({ strengthPercent }) => (strengthPercent === undefined ? undefined : percent(strengthPercent)) },
    BaseStation: { get: () => undefined },
  },
  methods: {
    Register: ({ registration }) => answering(registering, () => registration.register()),
    GetOperators: (actor) => actor.operators(),
    Scan: async (actor) => {
      await answering(scanning, () => actor.registration.scan());
      return actor.operators();
    },
  },
});
