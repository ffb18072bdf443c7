/** What answers on logical channels of the card: its USIM, and on an eUICC its profile manager. */
import type { VirtualProfile } from "./profile.js";
import { cardProfile } from "./sim.js";
import type { ModemState } from "./state.js";

/** A USIM of a test card. @see ETSI TS 101 220 (application providers) */
export const usimAid = Buffer.from("a0000000871002ff49ff0589", "hex");
/** ISD-R. @see GSMA SGP.02 2.2.3 */
const profileManagerAid = Buffer.from("a0000005591010ffffffff8900000100", "hex");

/** Of the provider, with which each name begins. @see ISO/IEC 7816-4 12.2.3 */
const providerBytes = 5;

/** As many as most cards have beside the basic one. @see ETSI TS 102 221 10.1.1 */
export const mostChannels = 3;

/** Status words. @see ETSI TS 102 221 10.2 */
const words = {
  ok: Buffer.from("9000", "hex"),
  noSuchInstruction: Buffer.from("6d00", "hex"),
  wrongClass: Buffer.from("6e00", "hex"),
} as const;

const isPartOf = (aid: Buffer, whole: Buffer): boolean =>
  aid.length >= providerBytes && whole.subarray(0, aid.length).equals(aid);

/** The first application whose name begins so; undefined where there is none. @see ETSI TS 102 221 11.1.1.2 */
export function applicationNamed(profile: VirtualProfile, { activeSlot }: ModemState, aid: Buffer): Buffer | undefined {
  const hasManager = cardProfile(profile, activeSlot).eid !== undefined;
  return [usimAid, ...(hasManager ? [profileManagerAid] : [])].find((whole) => isPartOf(aid, whole));
}

/** The answer to SELECT: a file control template that names the application. @see ETSI TS 102 221 11.1.1.3 */
export function selectAnswer(aid: Buffer): Buffer {
  const name = Buffer.concat([Buffer.from([0x84, aid.length]), aid]);
  return Buffer.concat([Buffer.from([0x62, name.length]), name, words.ok]);
}

/** "Which eUICC are you?" @see GSMA SGP.22 5.7.20 ES10c.GetEID */
const getEid = Buffer.from("bf3e035c015a", "hex");
const storeData = 0xe2;
const status = 0xf2;

/** `channel` must be open; its number stands in the class byte, too. */
export function answerApdu(profile: VirtualProfile, state: ModemState, channel: number, apdu: Buffer): Buffer {
  const [apduClass = 0, instruction = 0] = apdu;
  if ((apduClass & 0x03) !== channel) return words.wrongClass;
  const isManager = state.channels.some(({ number, aid }) => number === channel && aid.equals(profileManagerAid));
  const eid = cardProfile(profile, state.activeSlot).eid ?? "";
  if (isManager && instruction === storeData && apdu.subarray(5, 5 + (apdu[4] ?? 0)).equals(getEid))
    return Buffer.concat([Buffer.from("bf3e125a10", "hex"), Buffer.from(eid, "hex"), words.ok]);
  return instruction === status ? words.ok : words.noSuchInstruction;
}
