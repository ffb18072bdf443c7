/** How often ConnMan asks again for what the network refuses. */
import { pause } from "../clock.js";
import { type Place, quickModem, startConnmand, startDaemon } from "./world.js";

/** An APN that the virtual modem's network refuses at once, with cause 33 (service option not subscribed). */
const refusedApn = "unsubscribed";

const asking = /^connman: SetProperty \S+ ConnectionContext Active=true/;
const refusing = /^wwand: refused \S+ SetProperty \S+ ConnectionContext Active=true/;

export interface Refusals {
  readonly seconds: number;
  /** ConnMan's requests for the bearer in that time. */
  readonly asked: number;
  /** wwand's refusals in that time. */
  readonly refused: number;
}

/** Cellular is enabled already. */
export async function countRefusals({ world, bus }: Place, seconds: number): Promise<Refusals> {
  const { mark } = bus.said;
  const modem = await quickModem(world, 0);
  const wwand = await startDaemon(world, modem, `apn = "${refusedApn}"`);
  const connmand = await startConnmand(world);
  // The time begins with the first request.
  await bus.until(asking, mark, 60_000);
  await pause(seconds * 1_000);
  const count = (pattern: RegExp) => bus.lines(pattern, mark).length;
  const counted = { seconds, asked: count(asking), refused: count(refusing) };
  for (const program of [connmand, wwand, modem.program]) await program.end();
  return counted;
}
