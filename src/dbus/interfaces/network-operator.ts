/** org.ofono.NetworkOperator: one network that was seen, at `<modem>/operator/<MCC><MNC>`. */
import type { NetworkRegistration } from "../../modem/api.js";
import type { Operator } from "../../modem/types.js";
import { bindOfono } from "../bind.js";
import { answering } from "./answers.js";
import { registering } from "./network-registration.js";
import { foreignText } from "./text.js";

export interface OperatorActor {
  readonly registration: NetworkRegistration;
  readonly mcc: string;
  readonly mnc: string;
}

export const networkOperatorInterface = bindOfono("org.ofono.NetworkOperator").to<Operator, OperatorActor>({
  properties: {
    Name: { get: ({ name }) => foreignText(name) },
    Status: { get: ({ status }) => status },
    MobileCountryCode: { get: ({ mcc }) => mcc },
    MobileNetworkCode: { get: ({ mnc }) => mnc },
    Technologies: { get: ({ technologies }) => (technologies.length === 0 ? undefined : technologies) },
    AdditionalInformation: { get: () => undefined },
  },
  methods: {
    Register: ({ registration, mcc, mnc }) => answering(registering, () => registration.registerOperator(mcc, mnc)),
  },
});
