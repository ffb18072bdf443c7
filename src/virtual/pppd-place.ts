/** Where and how pppd ends a modem's calls, for a profile that wants that (setting `pppdFor`). */
import type { Log } from "../runtime/log.js";
import { netnsPath } from "./carrier/network.js";
import type { StartPppd } from "./faces/face.js";
import type { PoolProfile, VirtualProfile } from "./model/profile.js";
import { startPppdPeer } from "./ppp/pppd-peer.js";
import { plainPpp } from "./ppp-manner.js";

/** Far from the addresses that sessions get. */
const hostOf = ({ ipv4Router }: PoolProfile): string => ipv4Router.replace(/\d+$/, "250");

/** Undefined: the modem's own end, which needs neither root nor a carrier. */
export function pppdPlace(
  { at, apns, pool }: VirtualProfile,
  carrierNetns: string | undefined,
  log: Log,
): StartPppd | undefined {
  if (at?.pppdFor === undefined || carrierNetns === undefined) return undefined;
  const { username = "", password = "" } = apns.find(({ apn }) => apn === at.pppdFor)?.credentials ?? {};
  const asks = at.ppp?.asks ?? plainPpp.asks;
  const network = { netns: netnsPath(carrierNetns), router: pool.ipv4Router, address: hostOf(pool) };
  const says = (line: string) => log.info(`pppd in the network: ${line}`);
  return (call) => startPppdPeer({ ...call, ...network, asks, username, password, says });
}
