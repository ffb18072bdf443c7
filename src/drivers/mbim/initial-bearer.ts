/** What is asked for at the attach. @see learn.microsoft.com, "MB LTE Attach Operations" */
import type { MbimClient } from "../../mbim/client.js";
import type { ResponseOf } from "../../mbim/command.js";
import { lteAttachConfiguration } from "../../mbim/services/ms-basic-connect-extensions.js";
import type { InitialBearerPort } from "../../modem/ports.js";
import type { AuthMethod, InitialBearer, IpProtocol } from "../../modem/types.js";
import { requestedIpType } from "./ip-settings.js";

type Context = ResponseOf<typeof lteAttachConfiguration>["contexts"][number];

const networks = ["home", "partner", "nonPartner"] as const;
const protocols: Readonly<Record<string, IpProtocol>> = { ipv4: "ip", ipv6: "ipv6" };
const authMethods: Readonly<Record<string, AuthMethod>> = { pap: "pap", chap: "chap" };

/** A function that leaves the family to the network asks for both. */
const bearerOf = ({ accessString, userName, password, authProtocol, ipType }: Context): InitialBearer => ({
  apn: accessString,
  username: userName,
  ...(password === "" ? {} : { password }),
  auth: authMethods[authProtocol] ?? "none",
  protocol: protocols[ipType] ?? "dual",
});

const contextsOf = (wanted: InitialBearer): readonly Context[] =>
  networks.map((roaming) => ({
    ipType: requestedIpType[wanted.protocol],
    roaming,
    source: "user",
    accessString: wanted.apn,
    userName: wanted.username,
    password: wanted.password ?? "",
    compression: "none",
    authProtocol: wanted.auth,
  }));

/** Firmware does not tell passwords; one that cannot be compared counts as the same. */
const isSame = (now: InitialBearer, wanted: InitialBearer): boolean =>
  now.apn === wanted.apn &&
  now.username === wanted.username &&
  now.auth === wanted.auth &&
  now.protocol === wanted.protocol &&
  (now.password === undefined || now.password === (wanted.password ?? ""));

const isClear = ({ accessString, userName }: Context): boolean => accessString === "" && userName === "";

export const initialBearerPort = (client: MbimClient): InitialBearerPort => ({
  read: async (signal) => {
    const { contexts } = await client.query(lteAttachConfiguration, {}, signal);
    const home = contexts.find(({ roaming }) => roaming === "home");
    return home === undefined || isClear(home) ? {} : { configured: bearerOf(home) };
  },
  set: async (wanted, signal) => {
    const { contexts } = await client.query(lteAttachConfiguration, {}, signal);
    const settled = (context: Context): boolean =>
      wanted === undefined ? isClear(context) : isSame(bearerOf(context), wanted);
    if (contexts.length === networks.length && contexts.every(settled)) return "same";
    const next = contextsOf(wanted ?? { apn: "", username: "", auth: "none", protocol: "dual" });
    await client.set(lteAttachConfiguration, { operation: "overwrite", contexts: next }, signal);
    return "written";
  },
});
