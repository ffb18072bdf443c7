/** A modem while it is plugged in: what its host can open, and where its packets come and go. */
import type { Log } from "../runtime/log.js";
import type { Relay } from "./data/relay.js";
import type { DataLink, Face, HostLine } from "./faces/face.js";
import type { ModemMachine } from "./machine.js";
import type { VirtualProfile } from "./model/profile.js";
import type { FaceName } from "./model/words.js";
import type { DhcpManner } from "./usb/ethernet/dhcp.js";

/** What every way to plug in is given of the modem. */
export interface PlugContext {
  readonly profile: VirtualProfile;
  readonly machine: ModemMachine;
  readonly relay: Relay;
  readonly log: Log;
  /** How its DHCP server behaves now. */
  dhcp(): DhcpManner;
  /** `port`: the number of its interface; undefined on a socket or pty. */
  openFace(name: FaceName, line: HostLine, dataLink: DataLink, port: number | undefined): Face;
}

export interface Plug {
  /** Sends bytes as the modem would, past its face. */
  send(bytes: Buffer): void;
  /** As if the cable was pulled. Idempotent. */
  close(): Promise<void>;
}
