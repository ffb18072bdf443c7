/** What the function reports by itself after an event of the model. Pure. */
import { encodeStruct, type Fields, type Values } from "../../../codec/struct.js";
import * as bc from "../../../mbim/services/basic-connect.js";
import { packetServiceV2, registerStateV2, signalStateV2 } from "../../../mbim/services/basic-connect-v2.js";
import * as ms from "../../../mbim/services/ms-basic-connect-extensions.js";
import * as sms from "../../../mbim/services/sms.js";
import { ussd } from "../../../mbim/services/ussd.js";
import type { Happening } from "../../machine.js";
import { messageNews } from "../../model/messages.js";
import type { VirtualProfile } from "../../model/profile.js";
import { type Change, changesBetween, type ModemState, signalOf } from "../../model/state.js";
import type { Conversation } from "./answer.js";
import * as describe from "./describe.js";
import { location, signal } from "./describe-cells.js";
import { slotIndexes, slotInfo } from "./extensions.js";
import { blacklistInfo, pcoValue } from "./options.js";
import { isCancelled, ussdInfo } from "./ussd.js";

/** @see MBIM 1.0 table 10-60 */
const noRssi = 99;

export interface Indication {
  readonly service: string;
  readonly cid: number;
  readonly payload: Buffer;
}

const indicate = <F extends Fields>(
  { service, cid, notify }: { readonly service: string; readonly cid: number; readonly notify: F },
  values: Values<F>,
): Indication => ({ service, cid, payload: encodeStruct(notify, values) });

const second = {
  registerState: registerStateV2,
  packetService: packetServiceV2,
  signalState: signalStateV2,
} as const;

/** By the threshold since the last time, or from or to nothing at all. A threshold of 0 is the function's own. */
function hasMovedEnough(state: ModemState, { signalReporting, toldRssi }: Conversation): boolean {
  const rssi = describe.codedRssi(signalOf(state));
  if (toldRssi === undefined || toldRssi === noRssi || rssi === noRssi) return rssi !== toldRssi;
  return Math.abs(rssi - toldRssi) >= Math.max(1, signalReporting.rssiThreshold);
}

function ofChange(
  change: Change,
  profile: VirtualProfile,
  state: ModemState,
  conversation: Conversation,
): readonly Indication[] {
  const { signalReporting, hasV2 } = conversation;
  const rows = hasV2 ? second : bc;
  switch (change) {
    case "sim":
      return [indicate(bc.subscriberReadyStatus, describe.subscriberReady(state))];
    case "radio":
      return [indicate(bc.radioState, describe.radioState(state))];
    case "registration":
      return [
        indicate(rows.registerState, describe.registration(profile, state)),
        indicate(ms.locationInfoStatus, location(state)),
      ];
    case "cell":
      return [indicate(ms.locationInfoStatus, location(state))];
    case "slots":
      return slotIndexes(state).map((index) => indicate(ms.slotInfoStatus, slotInfo(profile, state, index)));
    case "packetService":
      return [indicate(rows.packetService, describe.packetService(state))];
    case "signal":
      if (!hasMovedEnough(state, conversation)) return [];
      return [indicate(rows.signalState, signal(state, signalReporting))];
    case "protocolOptions":
      return state.sessions.flatMap(({ id }) => {
        const value = pcoValue(profile, state, id);
        return value === undefined ? [] : [indicate(ms.pco, value)];
      });
    case "blacklist":
      return [indicate(ms.networkBlacklist, blacklistInfo(state))];
    case "ussd": {
      const { word } = state.ussd;
      return word?.to === "nothing" && !isCancelled(state) ? [indicate(ussd, ussdInfo(word))] : [];
    }
    case "addresses":
      return state.sessions.flatMap((session) =>
        session.is === "active" ? [indicate(bc.ipConfiguration, describe.ipConfiguration(profile, session))] : [],
      );
  }
}

/** Of several that were stored at once, each. */
function messageIndications(before: ModemState, state: ModemState): readonly Indication[] {
  const { stored, handedOver, becameFull } = messageNews(before, state);
  const direct = handedOver.map((pdu) => ({ index: 0, status: "new", pdu }) as const);
  return [
    ...(direct.length === 0 ? [] : [indicate(sms.smsRead, { format: "pdu", records: direct })]),
    ...stored.map(({ index }) => indicate(sms.smsStoreStatus, { flags: ["newMessage"], index })),
    ...(becameFull ? [indicate(sms.smsStoreStatus, { flags: ["storeFull"], index: 0 })] : []),
  ];
}

/** Sessions first: a host must not think for a moment that it has a bearer without a network. */
export function indicationsOf(
  profile: VirtualProfile,
  { before, outcome }: Happening,
  conversation: Conversation,
): readonly Indication[] {
  const { state, ended } = outcome;
  const ends = ended.map(({ id, cause }) => indicate(bc.connect, describe.connection(state, id, cause ?? 0)));
  const begun = state.sessions.filter(
    ({ id, is }) => is === "active" && describe.sessionOf(before, id)?.is !== "active",
  );
  const starts = begun.map(({ id }) => indicate(bc.connect, describe.connection(state, id)));
  const changes = changesBetween(before, state).flatMap((change) => ofChange(change, profile, state, conversation));
  return [...ends, ...changes, ...messageIndications(before, state), ...starts];
}
