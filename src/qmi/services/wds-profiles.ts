/** WDS: what the modem stores about connections, and which of it the attach uses. */
import { enumOf, u8, u16 } from "../../codec/scalar.js";
import { listWith, restText, secretly, textWith } from "../../codec/sized.js";
import { nested } from "../../codec/struct.js";
import { may, must } from "../../codec/tlv.js";
import { empty, type Message } from "../message.js";
import { authentication } from "./wds.js";

const service = "wds";

const profileType = enumOf({ "3gpp": 0, "3gpp2": 1, epc: 2, all: 255 }, u8);
const profileId = nested({ type: profileType, index: u8 });

/** What of a profile is read and written here; the rest stays as it is. */
const settings = {
  name: may(0x10, restText),
  pdpType: may(0x11, enumOf({ ipv4: 0, ppp: 1, ipv6: 2, ipv4v6: 3, nonIp: 4 }, u8)),
  apn: may(0x14, restText),
  username: may(0x1b, restText),
  password: may(0x1c, secretly(restText)),
  authentication: may(0x1d, authentication),
} as const;

export const getProfileList = {
  service,
  id: 0x002a,
  name: "GET_PROFILE_LIST",
  request: { type: may(0x10, profileType) },
  response: { profiles: must(0x01, listWith(nested({ type: profileType, index: u8, name: textWith(u8) }))) },
} as const satisfies Message;

export const getProfileSettings = {
  service,
  id: 0x002b,
  name: "GET_PROFILE_SETTINGS",
  request: { profile: must(0x01, profileId) },
  response: settings,
} as const satisfies Message;

export const createProfile = {
  service,
  id: 0x0027,
  name: "CREATE_PROFILE",
  request: { type: must(0x01, profileType), ...settings },
  response: { profile: must(0x01, profileId) },
} as const satisfies Message;

export const modifyProfile = {
  service,
  id: 0x0028,
  name: "MODIFY_PROFILE",
  request: { profile: must(0x01, profileId), ...settings },
  response: empty,
} as const satisfies Message;

const profileIndexes = listWith(u16);

/** Profiles that LTE attaches with, first to last. */
export const getLteAttachPdnList = {
  service,
  id: 0x0094,
  name: "GET_LTE_ATTACH_PDN_LIST",
  request: empty,
  response: { current: may(0x10, profileIndexes), pending: may(0x11, profileIndexes) },
} as const satisfies Message;
