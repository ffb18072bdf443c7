/** org.ofono.Manager at `/`: which modems there are. */
import { bindOfono } from "../bind.js";
import type { Dict } from "../types.js";

/** A modem's object and its properties. */
export type ListedModem = readonly [path: string, properties: Dict];

export interface ManagerActor {
  modems(): readonly ListedModem[];
}

export const managerInterface = bindOfono("org.ofono.Manager").to<undefined, ManagerActor>({
  properties: {},
  methods: { GetModems: (actor) => actor.modems() },
});
