/** WDS: what the modem stores about connections: the contexts that AT knows as +CGDCONT, by the same numbers. */
import type { RequestOf } from "../../../qmi/message.js";
import { qmiErrors } from "../../../qmi/result.js";
import * as profiles from "../../../qmi/services/wds-profiles.js";
import type { ModemState, PdpContext } from "../../model/state.js";
import type { AuthMethod, Pdn } from "../../model/words.js";
import { type Answer, no, ok, type Served, type Serving, serve } from "./answer.js";

type Settings = Omit<RequestOf<typeof profiles.modifyProfile>, "profile">;

const mostProfiles = 16;
const pdns: Readonly<Record<string, Pdn>> = { ipv4: "ipv4", ipv6: "ipv6", ipv4v6: "ipv4v6" };

/** The first is always there: the modem attaches with it. */
const firstProfile: PdpContext = { cid: 1, pdn: "ipv4v6", apn: "" };
const profilesOf = ({ contexts }: ModemState): readonly PdpContext[] =>
  contexts.some(({ cid }) => cid === 1) ? contexts : [firstProfile, ...contexts];

export const profileAt = (state: ModemState, index: number): PdpContext | undefined =>
  profilesOf(state).find(({ cid }) => cid === index);

/** CHAP where both are offered, as firmware prefers it. */
export function authOf({ authentication }: Pick<Settings, "authentication">): AuthMethod {
  if (authentication?.includes("chap") === true) return "chap";
  return authentication?.includes("pap") === true ? "pap" : "none";
}

/** `before` with what is given. */
function changed(before: PdpContext, settings: Settings): PdpContext {
  const { pdpType, authentication, apn, name, username, password } = settings;
  const given = Object.entries({ apn, name, username, password }).filter(([, value]) => value !== undefined);
  return {
    ...before,
    ...Object.fromEntries(given),
    ...(pdpType === undefined ? {} : { pdn: pdns[pdpType] ?? before.pdn }),
    ...(authentication === undefined ? {} : { auth: authOf({ authentication }) }),
  };
}

function create({ machine }: Serving, settings: Settings): Answer<typeof profiles.createProfile> {
  const used = profilesOf(machine.state).map(({ cid }) => cid);
  const cid = Array.from({ length: mostProfiles }, (_, index) => index + 1).find((index) => !used.includes(index));
  if (cid === undefined) return no(qmiErrors.noFreeProfile);
  machine.send({ type: "defineContext", ...changed({ cid, pdn: "ipv4", apn: "" }, settings) });
  return ok({ profile: { type: "3gpp", index: cid } });
}

/** Passwords are kept and not told. */
function settingsOf({ pdn, apn, name = "", username = "", auth = "none" }: PdpContext) {
  return ok({ name, pdpType: pdn, apn, username, authentication: auth === "chap" || auth === "pap" ? [auth] : [] });
}

export const profileMessages: readonly Served[] = [
  serve(profiles.getProfileList, ({ machine }) =>
    ok({ profiles: profilesOf(machine.state).map(({ cid, name = "" }) => ({ type: "3gpp", index: cid, name })) }),
  ),
  serve(profiles.getProfileSettings, ({ machine }, { profile }) => {
    const stored = profileAt(machine.state, profile.index);
    return stored === undefined ? no(qmiErrors.invalidProfile) : settingsOf(stored);
  }),
  serve(profiles.createProfile, (serving, { type: _, ...settings }) => create(serving, settings)),
  serve(profiles.modifyProfile, ({ machine }, { profile, ...settings }) => {
    const stored = profileAt(machine.state, profile.index);
    if (stored === undefined) return no(qmiErrors.invalidProfile);
    machine.send({ type: "defineContext", ...changed(stored, settings) });
    return ok({});
  }),
  serve(profiles.getLteAttachPdnList, () => ok({ current: [firstProfile.cid] })),
];
