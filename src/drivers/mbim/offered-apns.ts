/** APNs that the modem knows by itself. @see MBIM 1.0 10.5.13; Microsoft's MBIM extensions for the attach */
import type { MbimClient } from "../../mbim/client.js";
import { provisionedContextList } from "../../mbim/services/basic-connect.js";
import { contextTypes } from "../../mbim/services/basic-connect-types.js";
import { lteAttachStatus } from "../../mbim/services/ms-basic-connect-extensions.js";
import type { OfferedApn, OfferedApnsPort } from "../../modem/ports.js";
import type { AuthMethod } from "../../modem/types.js";
import { unlessRefused } from "./agreed.js";

const authMethods: Readonly<Record<string, AuthMethod>> = { none: "none", pap: "pap", chap: "chap" };

interface Access {
  readonly accessString: string;
  readonly userName: string;
  readonly password: string;
  readonly authProtocol: string;
}

function offer({ accessString, userName, password, authProtocol }: Access, from: string): readonly OfferedApn[] {
  if (accessString === "") return [];
  const auth = userName === "" ? "none" : (authMethods[authProtocol] ?? "chap");
  return [{ apn: accessString, username: userName, password, auth, from }];
}

/** What the network gave when it attached us, then what is stored. `hasAttachInfo`: the function has that extension. */
export const offeredApnsPort = (client: MbimClient, hasAttachInfo: boolean): OfferedApnsPort => ({
  read: async (signal) => {
    const attach = hasAttachInfo ? await unlessRefused(client.query(lteAttachStatus, {}, signal)) : undefined;
    const stored = await unlessRefused(client.query(provisionedContextList, {}, signal));
    const given = attach?.state === "attached" ? offer(attach, "told by the network at attach") : [];
    const internet = stored?.contexts.filter(({ contextType }) => contextType === contextTypes.internet) ?? [];
    return [...given, ...internet.flatMap((context) => offer(context, "stored in the modem"))];
  },
});
