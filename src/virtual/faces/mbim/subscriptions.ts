/** Which events the host wants to hear of. @see MBIM 1.0 10.5.30 */
import type { ResponseOf } from "../../../mbim/command.js";
import type { deviceServiceSubscribeList } from "../../../mbim/services/basic-connect.js";
import { basicConnectService } from "../../../mbim/services/basic-connect.js";

export type SubscribeList = ResponseOf<typeof deviceServiceSubscribeList>;

export interface Subscriptions {
  readonly entries: SubscribeList["entries"];
}

/** Until the host says otherwise, all events of Basic Connect are reported. */
export const everything: Subscriptions = { entries: [{ service: basicConnectService, cids: [] }] };

/** An entry without CIDs means all of its service. */
export const wants = ({ entries }: Subscriptions, service: string, cid: number): boolean =>
  entries.some((entry) => entry.service === service && (entry.cids.length === 0 || entry.cids.includes(cid)));
