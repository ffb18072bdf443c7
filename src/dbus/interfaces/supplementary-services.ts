/** org.ofono.SupplementaryServices: dialogues with the network by USSD. */
import type { Ussd, UssdPartState } from "../../modem/api.js";
import { bindOfono } from "../bind.js";
import { Variant } from "../types.js";
import { type Answers, answering } from "./answers.js";
import { foreignText } from "./text.js";

const ended = ["Canceled", "Terminated", "NotSupported", "Timedout", "InProgress"] as const;
const refused = ["NotImplemented", "InvalidFormat", "InProgress", "Timedout"] as const;
const initiating: Answers = { rules: [...ended, "InvalidFormat", "NotImplemented", "NotRecognized"], modem: refused };
const responding: Answers = { rules: [...ended, "InvalidFormat", "NotActive"], modem: refused };
const cancelling: Answers = { rules: ["NotActive", "InProgress"], modem: ["Timedout"] };

export const supplementaryServicesInterface = bindOfono("org.ofono.SupplementaryServices").to<UssdPartState, Ussd>({
  properties: { State: { get: ({ dialogue }) => dialogue } },
  methods: {
    Initiate: async (ussd, [command]) => {
      const text = await answering(initiating, () => ussd.initiate(command));
      return ["USSD", new Variant("s", foreignText(text))] as const;
    },
    Respond: async (ussd, [reply]) => foreignText(await answering(responding, () => ussd.respond(reply))),
    Cancel: (ussd) => answering(cancelling, () => ussd.cancel()),
  },
});
