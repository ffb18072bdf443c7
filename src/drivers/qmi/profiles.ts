/**
 * What the modem stores about connections. Written only where something has to change: it is flash, and other programs find
 * it there.
 */
import type { InitialBearerPort } from "../../modem/ports.js";
import type { AuthMethod, DataCallRequest, InitialBearer, IpProtocol } from "../../modem/types.js";
import type { QmiClient } from "../../qmi/client.js";
import type { ResponseOf } from "../../qmi/message.js";
import type { QmiService } from "../../qmi/service.js";
import * as profiles from "../../qmi/services/wds-profiles.js";

type Settings = ResponseOf<typeof profiles.getProfileSettings>;

const pdpTypes = { ip: "ipv4", ipv6: "ipv6", dual: "ipv4v6" } as const satisfies Record<IpProtocol, string>;
const protocols: Readonly<Record<string, IpProtocol>> = { ipv4: "ip", ipv6: "ipv6", ipv4v6: "dual" };
const methods = { none: [], pap: ["pap"], chap: ["chap"] } as const satisfies Record<AuthMethod, readonly string[]>;

/** Profiles are kept by both their name and their owner: this one is ours to change. */
const ownName = "wwand";

const inProfile = (index: number) => ({ profile: { type: "3gpp", index } }) as const;

const settingsOf = ({ apn, username, password = "", auth, protocol }: InitialBearer) =>
  ({ pdpType: pdpTypes[protocol], apn, username, password, authentication: methods[auth] }) as const;

function bearerOf({ pdpType, apn = "", username = "", password, authentication = [] }: Settings): InitialBearer {
  return {
    apn,
    username,
    ...(password === undefined ? {} : { password }),
    auth: authentication.includes("chap") ? "chap" : authentication.includes("pap") ? "pap" : "none",
    protocol: protocols[pdpType ?? "ipv4"] ?? "ip",
  };
}

/** A password that the modem does not tell counts as the same. */
const isSame = (stored: InitialBearer, wanted: InitialBearer): boolean =>
  stored.apn.toLowerCase() === wanted.apn.toLowerCase() &&
  stored.protocol === wanted.protocol &&
  stored.auth === wanted.auth &&
  stored.username === wanted.username &&
  (stored.password === undefined || stored.password === (wanted.password ?? ""));

async function withService<T>(client: QmiClient, signal: AbortSignal, act: (service: QmiService) => Promise<T>) {
  const service = await client.allocate("wds", signal);
  try {
    return await act(service);
  } finally {
    await service.release(signal);
  }
}

/**
 * A profile with both IP families for `request`: one that is there, else wwand's own, made or changed. Resolves with its
 * index. @throws ModemError when the modem keeps no further profile
 */
export const dualStackProfile = (client: QmiClient, request: DataCallRequest, signal: AbortSignal): Promise<number> =>
  withService(client, signal, async (service) => {
    const wanted: InitialBearer = { ...request, protocol: "dual" };
    const { profiles: listed } = await service.ask(profiles.getProfileList, { type: "3gpp" }, signal);
    for (const { index } of listed) {
      const outcome = await service.tryAsk(profiles.getProfileSettings, inProfile(index), signal);
      if (outcome.is === "success" && isSame(bearerOf(outcome.values), wanted)) return index;
    }
    const settings = { name: ownName, ...settingsOf(wanted) };
    const own = listed.find(({ name }) => name === ownName);
    if (own === undefined)
      return (await service.ask(profiles.createProfile, { type: "3gpp", ...settings }, signal)).profile.index;
    await service.ask(profiles.modifyProfile, { ...inProfile(own.index), ...settings }, signal);
    return own.index;
  });

/** Firmware that keeps no list attaches with the first profile. */
async function attachProfile(service: QmiService, signal: AbortSignal): Promise<number> {
  const outcome = await service.tryAsk(profiles.getLteAttachPdnList, {}, signal);
  return (outcome.is === "success" ? outcome.values.current?.[0] : undefined) ?? 1;
}

const leftToNetwork: InitialBearer = { apn: "", username: "", password: "", auth: "none", protocol: "dual" };

/** The first profile that the modem attaches with. It holds from the next attach on. */
export const initialBearerPort = (client: QmiClient): InitialBearerPort => ({
  read: (signal) =>
    withService(client, signal, async (service) => {
      const index = await attachProfile(service, signal);
      const stored = bearerOf(await service.ask(profiles.getProfileSettings, inProfile(index), signal));
      return stored.apn === "" ? {} : { configured: stored };
    }),
  set: (wanted = leftToNetwork, signal) =>
    withService(client, signal, async (service) => {
      const index = await attachProfile(service, signal);
      const stored = bearerOf(await service.ask(profiles.getProfileSettings, inProfile(index), signal));
      if (isSame(stored, wanted)) return "same";
      await service.ask(profiles.modifyProfile, { ...inProfile(index), ...settingsOf(wanted) }, signal);
      return "written";
    }),
});
