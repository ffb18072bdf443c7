/** APNs that the modem knows: of the contexts that the network has opened, and those that are stored. */
import { activeContexts } from "../../at/replies/cgcontrdp.js";
import { pdpContexts } from "../../at/replies/cgdcont.js";
import type { OfferedApn, OfferedApnsPort } from "../../modem/ports.js";
import type { Chat } from "./chat.js";

/** Of telephony and emergencies: nothing for the internet. */
const isOther = (apn: string): boolean => apn === "" || /^(ims|sos|xcap|mms)\b/i.test(apn);

const offered = (apns: readonly string[], from: string): readonly OfferedApn[] =>
  apns.filter((apn) => !isOther(apn)).map((apn) => ({ apn, username: "", password: "", auth: "none", from }));

export const offeredApnsPort = (chat: Chat): OfferedApnsPort => ({
  read: async (signal) => {
    const active = (await chat.askIfAble(activeContexts(), signal)) ?? [];
    const stored = (await chat.askIfAble(pdpContexts, signal)) ?? [];
    const all = [
      ...offered(
        active.map(({ apn }) => apn),
        "told by the network at attach",
      ),
      ...offered(
        stored.map(({ apn }) => apn),
        "stored in the modem",
      ),
    ];
    return all.filter(({ apn }, index) => all.findIndex((other) => other.apn === apn) === index);
  },
});
