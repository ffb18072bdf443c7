/** Device, services, card and PIN. */

import type { SetOf } from "../../../mbim/command.js";
import * as bc from "../../../mbim/services/basic-connect.js";
import { msBasicConnectExtensionsService } from "../../../mbim/services/ms-basic-connect-extensions.js";
import { qmiService } from "../../../mbim/services/qmi.js";
import { smsService } from "../../../mbim/services/sms.js";
import { ussdService } from "../../../mbim/services/ussd.js";
import { status } from "../../../mbim/status.js";
import type { ModemEvent } from "../../model/modem.js";
import { type Answer, ok, type Service, type Serving, serve } from "./answer.js";
import * as describe from "./describe.js";
import { statusOf } from "./refusals.js";

type PinRequest = SetOf<typeof bc.pin>;

/** What the request means to the card; undefined for a PIN or operation that this device does not have. */
function pinEvent({ pinType, pinOperation, pin, newPin }: PinRequest): ModemEvent | undefined {
  if (pinType === "puk1") return pinOperation === "enter" ? { type: "enterPuk", puk: pin, newPin } : undefined;
  if (pinType !== "pin1") return undefined;
  switch (pinOperation) {
    case "enter":
      return { type: "enterPin", pin };
    case "enable":
      return { type: "enablePin", pin };
    case "disable":
      return { type: "disablePin", pin };
    case "change":
      return { type: "changePin", pin, newPin };
    default:
      return undefined;
  }
}

function setPin({ machine }: Serving, request: PinRequest): Answer<typeof bc.pin> {
  const event = pinEvent(request);
  if (event === undefined) return { status: status.noDeviceSupport };
  const wanted = machine.state.sim.slot !== "ready";
  const { state, refusal } = machine.send(event);
  if (refusal === undefined) return ok(describe.pin(state));
  return refusal.why === "simAbsent"
    ? { status: status.simNotInserted }
    : { status: statusOf(refusal, wanted), values: describe.pin(state) };
}

const subscribable: ReadonlySet<string> = new Set([
  bc.basicConnectService,
  msBasicConnectExtensionsService,
  qmiService,
  smsService,
  ussdService,
]);

export const identityServices: readonly Service[] = [
  serve(bc.deviceCaps, { query: ({ machine }) => ok(describe.deviceCaps(machine.profile)) }),
  serve(bc.subscriberReadyStatus, {
    query: ({ machine }) => ok(describe.subscriberReady(machine.state)),
  }),
  serve(bc.pin, {
    query: ({ machine }) =>
      machine.state.sim.slot === "empty" ? { status: status.simNotInserted } : ok(describe.pin(machine.state)),
    set: setPin,
  }),
  serve(bc.pinList, {
    query: ({ machine }) =>
      machine.state.sim.slot === "empty" ? { status: status.simNotInserted } : ok(describe.pinList(machine.state)),
  }),
  serve(bc.deviceServiceSubscribeList, {
    set: ({ conversation }, { entries }) => {
      // What the device does not have is left out of the answer, which is what then holds.
      conversation.subscriptions = { entries: entries.filter(({ service }) => subscribable.has(service)) };
      return ok(conversation.subscriptions);
    },
  }),
];
