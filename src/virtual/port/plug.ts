/** The modem on a socket or pty for control and a TUN device for packets. */
import { Scope } from "../../runtime/scope.js";
import { netnsPath } from "../carrier/network.js";
import { openTunDevice } from "../data/tun.js";
import type { DataLink } from "../faces/face.js";
import type { Plug, PlugContext } from "../plug.js";
import type { PortPlace } from "../types.js";
import { openPort, type Port } from "./port.js";

export interface PortPlugOptions {
  readonly place: PortPlace;
  readonly net: string | undefined;
  readonly netNetns: string | undefined;
}

/** A TUN device carries IP packets and nothing else. */
const rawIpOnly: DataLink = { linkProtocol: "raw-ip", setLinkProtocol: (wanted) => wanted === "raw-ip" };

/** The interface first, the control port last: who finds the port finds all of the modem. */
export async function openPortPlug(options: PortPlugOptions, context: PlugContext): Promise<Plug> {
  const scope = new Scope();
  try {
    openHostDevice(scope, options, context);
    const port = await openControl(scope, options.place, context);
    return { send: (bytes) => port.send(bytes), close: () => scope.close() };
  } catch (error) {
    await scope.close();
    throw error;
  }
}

function openHostDevice(scope: Scope, { net, netNetns }: PortPlugOptions, { relay, log }: PlugContext): void {
  if (net === undefined) return;
  const tun = openTunDevice(net, netNetns === undefined ? undefined : netnsPath(netNetns), {
    packets: (packets) => relay.fromHost(packets),
    gone: (reason) => log.warning("somebody removed the interface", { net, reason: String(reason) }),
  });
  scope.own(tun, (it) => it.close());
  relay.plugIn((packet) => tun.write(packet));
  scope.own(relay, (it) => it.unplug());
}

async function openControl(scope: Scope, place: PortPlace, { profile, openFace }: PlugContext): Promise<Port> {
  let port: Port | undefined;
  const line = { send: (bytes: Buffer) => port?.send(bytes), flush: () => port?.flush() };
  const face = scope.own(openFace(profile.controlFace, line, rawIpOnly, undefined), (it) => it.close());
  port = await openPort(place, { data: (bytes) => face.feed(bytes), hostLeft: () => face.hostLeft() });
  return scope.own(port, (it) => it.close());
}
