/** VOICE: dialogues by USSD. The reply to a code goes to whoever sent it, everything else to all who want to hear. */

import type { IndicationOf, RequestOf } from "../../../qmi/message.js";
import { qmiErrors } from "../../../qmi/result.js";
import * as voice from "../../../qmi/services/voice.js";
import { ucs2Octets, ucs2Text } from "../../../sms/ussd-text.js";
import type { ModemState } from "../../model/state.js";
import type { UssdSaid, UssdWord } from "../../model/ussd.js";
import { type Answer, no, ok, type Reply, type Served, type Serving, serve } from "./answer.js";
import { errorOfRefusal } from "./refusals.js";

type UssData = RequestOf<typeof voice.answerUssd>["ussData"];
type Originated = IndicationOf<typeof voice.ussdOriginated>;
type Received = IndicationOf<typeof voice.ussdReceived>;

const textOf = ({ codingScheme, data }: UssData): string =>
  codingScheme === "ucs2" ? ucs2Text(data) : data.toString("latin1");

/** Firmware tells the text beside its octets as UTF-16 where these are no ASCII. */
function coded(text: string): { readonly ussData: UssData; readonly utf16?: string } {
  const isAscii = Buffer.byteLength(text) === text.length;
  if (isAscii) return { ussData: { codingScheme: "ascii", data: Buffer.from(text, "latin1") } };
  return { ussData: { codingScheme: "ucs2", data: ucs2Octets(text) }, utf16: text };
}

const errorOf = {
  terminated: qmiErrors.networkAborted,
  notSupported: qmiErrors.supsFailureCase,
  timedOut: qmiErrors.networkNotReady,
  cancelled: qmiErrors.aborted,
} as const satisfies Record<Extract<UssdSaid, { is: "end" }>["because"], number>;

/** What is told, and to whom: `asker`, the client that sent the code without waiting. */
export type UssdReport =
  | { readonly to: "asker"; readonly originated: Originated }
  | { readonly to: "all"; readonly received: Received }
  | { readonly to: "all"; readonly released: true };

export function ussdReport({ said, to }: UssdWord): UssdReport {
  if (said.is === "end") {
    const isReply = to === "code" && said.because !== "cancelled";
    return isReply ? { to: "asker", originated: { error: errorOf[said.because] } } : { to: "all", released: true };
  }
  if (to === "code" && !said.asks) return { to: "asker", originated: coded(said.text) };
  return { to: "all", received: { userAction: said.asks ? "required" : "notRequired", ...coded(said.text) } };
}

/** Answered at once with the reply to the code, else when the dialogue that began with it is over. */
function originate(
  { machine }: Serving,
  { ussData }: RequestOf<typeof voice.originateUssd>,
): Reply<typeof voice.originateUssd> {
  const before = machine.state.ussd.word?.sequence;
  const { refusal } = machine.send({ type: "ussdInitiate", text: textOf(ussData) });
  if (refusal !== undefined) return no(errorOfRefusal(refusal));
  return {
    later: ({ ussd }) =>
      ussd.word?.sequence === before || ussd.dialogue.is !== "idle" ? undefined : originated(ussd.word),
  };
}

function originated(word: ModemState["ussd"]["word"]): Answer<typeof voice.originateUssd> | undefined {
  if (word?.to !== "code") return ok({});
  return word.said.is === "end" ? no(errorOf[word.said.because]) : ok(coded(word.said.text));
}

export const ussdMessages: readonly Served[] = [
  serve(voice.registerIndications, ({ client }, { ussd }) => {
    for (const { name } of [voice.ussdReceived, voice.ussdReleased]) {
      if (ussd === true) client.wants.add(name);
      if (ussd === false) client.wants.delete(name);
    }
    return ok({});
  }),
  serve(voice.originateUssd, (serving, request) => {
    serving.client.asksUssdWithoutWaiting = false;
    return originate(serving, request);
  }),
  serve(voice.originateUssdNoWait, ({ machine, client }, { ussData }) => {
    const { refusal } = machine.send({ type: "ussdInitiate", text: textOf(ussData) });
    if (refusal !== undefined) return no(errorOfRefusal(refusal));
    client.asksUssdWithoutWaiting = true;
    return ok({});
  }),
  serve(voice.answerUssd, ({ machine }, { ussData }) => {
    const { refusal } = machine.send({ type: "ussdRespond", text: textOf(ussData) });
    return refusal === undefined ? ok({}) : no(errorOfRefusal(refusal));
  }),
  serve(voice.cancelUssd, ({ machine }) => {
    const { refusal } = machine.send({ type: "ussdCancel" });
    return refusal === undefined ? ok({}) : no(errorOfRefusal(refusal));
  }),
];
