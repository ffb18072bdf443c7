/** Dialogues by USSD. @see MBIM 1.0 10.7 */

import type { MbimClient } from "../../mbim/client.js";
import type { ResponseOf, SetOf } from "../../mbim/command.js";
import { ussd } from "../../mbim/services/ussd.js";
import type { UssdPort } from "../../modem/ports.js";
import type { UssdWord } from "../../modem/types.js";
import { decodeUssd } from "../../sms/ussd-text.js";
import { codedUssd } from "../ussd-text.js";

type UssdInfo = ResponseOf<typeof ussd>;

const endings: Readonly<Record<string, Extract<UssdWord, { is: "end" }>["because"]>> = {
  otherLocalClient: "otherClient",
  operationNotSupported: "notSupported",
  networkTimeOut: "timedOut",
};

export function ussdWordOf({ response, codingScheme, payload }: UssdInfo): UssdWord {
  if (response !== "noActionRequired" && response !== "actionRequired")
    return { is: "end", because: endings[response] ?? "terminated" };
  const text = decodeUssd({ codingScheme: codingScheme & 0xff, octets: payload });
  return { is: "text", text, asks: response === "actionRequired" };
}

/** `said` is told the network's word, which comes with the answer; what the network begins with comes by indication. */
export function ussdPort(client: MbimClient, said: (word: UssdWord) => void): UssdPort {
  const send = async (action: SetOf<typeof ussd>["action"], text: string, signal: AbortSignal): Promise<void> => {
    const { codingScheme, octets: payload } = codedUssd(text);
    said(ussdWordOf(await client.set(ussd, { action, codingScheme, payload }, signal)));
  };
  return {
    // Indications are subscribed to when the modem is opened.
    listen: async () => undefined,
    initiate: (text, signal) => send("initiate", text, signal),
    respond: (text, signal) => send("continue", text, signal),
    cancel: async (signal) => {
      await client.set(ussd, { action: "cancel", codingScheme: 0, payload: Buffer.alloc(0) }, signal);
    },
  };
}
