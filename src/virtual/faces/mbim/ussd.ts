/** USSD: the network's word comes with the answer to whoever asked, else as an indication. @see MBIM 1.0 10.7 */

import type { ResponseOf, SetOf } from "../../../mbim/command.js";
import { ussd } from "../../../mbim/services/ussd.js";
import { status } from "../../../mbim/status.js";
import { decodeUssd, encodeUssd } from "../../../sms/ussd-text.js";
import type { ModemEvent } from "../../model/modem.js";
import type { ModemState } from "../../model/state.js";
import type { UssdWord } from "../../model/ussd.js";
import { ok, type Reply, type Service, type Serving, serve } from "./answer.js";
import { statusOf } from "./refusals.js";

type UssdInfo = ResponseOf<typeof ussd>;

const nothingSaid = { codingScheme: 0, payload: Buffer.alloc(0) } as const;

const endings = {
  terminated: "terminatedByNetwork",
  notSupported: "operationNotSupported",
  timedOut: "networkTimeOut",
  cancelled: "terminatedByNetwork",
} as const;

export function ussdInfo({ said, to }: UssdWord): UssdInfo {
  const sessionState = to === "answer" ? "existingSession" : "newSession";
  if (said.is === "end") return { response: endings[said.because], sessionState, ...nothingSaid };
  const { codingScheme, octets: payload } = encodeUssd(said.text);
  return { response: said.asks ? "actionRequired" : "noActionRequired", sessionState, codingScheme, payload };
}

function eventOf({ action, codingScheme, payload }: SetOf<typeof ussd>): ModemEvent | undefined {
  const text = decodeUssd({ codingScheme: codingScheme & 0xff, octets: payload });
  if (action === "initiate") return { type: "ussdInitiate", text };
  if (action === "continue") return { type: "ussdRespond", text };
  return action === "cancel" ? { type: "ussdCancel" } : undefined;
}

/** The host has taken its question back. */
export const isCancelled = ({ ussd: { word } }: ModemState): boolean =>
  word?.said.is === "end" && word.said.because === "cancelled";

function setUssd({ machine }: Serving, request: SetOf<typeof ussd>): Reply<typeof ussd> {
  const event = eventOf(request);
  if (event === undefined) return { status: status.invalidParameters };
  const before = machine.state.ussd.word?.sequence;
  const { refusal } = machine.send(event);
  if (refusal !== undefined) return { status: statusOf(refusal) };
  if (event.type === "ussdCancel")
    return ok({ response: "noActionRequired", sessionState: "existingSession", ...nothingSaid });
  return {
    later: (state) => {
      const { word } = state.ussd;
      if (word === undefined || word.sequence === before) return undefined;
      return isCancelled(state) ? { status: status.failure } : ok(ussdInfo(word));
    },
  };
}

export const ussdServices: readonly Service[] = [serve(ussd, { set: setUssd })];
