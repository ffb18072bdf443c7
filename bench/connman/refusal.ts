/** How often ConnMan asks again for what the network refuses, and how often wwand asks the network. */
import { pause } from "../clock.js";
import { type Place, quickModem, startConnmand, startDaemon } from "./world.js";

/** An APN that the virtual modem's network refuses at once, with cause 33 (service option not subscribed). */
const refusedApn = "unsubscribed";

export interface Refusals {
  readonly seconds: number;
  /** ConnMan's requests for the bearer in that time. */
  readonly asked: number;
  /** wwand's refusals in that time. */
  readonly refused: number;
}

/** Cellular is enabled already. */
export async function countRefusals({ world, bus }: Place, seconds: number): Promise<Refusals> {
  const modem = await quickModem(world, 0);
  const wwand = await startDaemon(world, modem, `apn = "${refusedApn}"`);
  const connmand = await startConnmand(world);
  await bus.until(/^connman: SetProperty \S+ ConnectionContext Active=true/, 0);
  const { mark } = bus.said;
  await pause(seconds * 1_000);
  // The first request was before the mark, and its answer or the next request is in it.
  const count = (pattern: RegExp) => bus.lines(pattern, mark).length;
  const counted = {
    seconds,
    asked: 1 + count(/^connman: SetProperty \S+ ConnectionContext Active=true/),
    refused: count(/^wwand: refused \S+ SetProperty \S+ ConnectionContext Active=true/),
  };
  for (const program of [connmand, wwand, modem.program]) await program.end();
  return counted;
}
