/** org.ofono.Message: one outgoing message. */
import type { OutgoingMessage, OutgoingState } from "../../modem/api.js";
import { bindOfono } from "../bind.js";
import { type Answers, answering } from "./answers.js";

const cancelling: Answers = { rules: ["NotAvailable", "AccessDenied"], modem: [] };

export const messageInterface = bindOfono("org.ofono.Message").to<OutgoingState, OutgoingMessage>({
  properties: { State: { get: ({ state }) => state } },
  methods: { Cancel: (message) => answering(cancelling, () => message.cancel()) },
});
