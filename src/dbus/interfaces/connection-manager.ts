/** org.ofono.ConnectionManager: packet data of one modem and its contexts. */
import type { Context, PacketData, PacketDataState } from "../../modem/api.js";
import { bindOfono } from "../bind.js";
import { OfonoError } from "../errors.js";
import type { Dict } from "../types.js";
import { type Answers, answering } from "./answers.js";
import { contextTypeOf } from "./words.js";

/** A context's object and its properties. */
export type ListedContext = readonly [path: string, properties: Dict];

export interface ConnectionManagerActor {
  readonly packetData: PacketData;
  /** The contexts as they are exported now, internet first: ConnMan stops reading at the first other one. */
  contexts(): readonly ListedContext[];
  contextAt(path: string): Context | undefined;
  pathOf(context: Context): string;
}

const setting: Answers = { rules: ["InProgress", "NotImplemented"], modem: ["NotImplemented"] };
const adding: Answers = { rules: ["InvalidFormat", "InProgress", "NotImplemented"], modem: [] };
const removing: Answers = { rules: ["NotFound", "InProgress"], modem: [] };
const deactivating: Answers = { rules: ["InProgress", "NotImplemented"], modem: [] };
const resetting: Answers = { rules: ["InProgress", "NotAllowed"], modem: [] };

function contextAt(actor: ConnectionManagerActor, path: string): Context {
  const context = actor.contextAt(path);
  if (context === undefined) throw new OfonoError("NotFound", path);
  return context;
}

export const connectionManagerInterface = bindOfono("org.ofono.ConnectionManager").to<
  PacketDataState,
  ConnectionManagerActor
>({
  properties: {
    Attached: { get: ({ attached }) => attached },
    Bearer: { get: ({ bearer }) => bearer },
    RoamingAllowed: {
      get: ({ roamingAllowed }) => roamingAllowed,
      set: ({ packetData }, allowed) => answering(setting, () => packetData.setRoamingAllowed(allowed)),
      signalsFirst: true,
    },
    Powered: {
      get: ({ powered }) => powered,
      set: ({ packetData }, on) => answering(setting, () => packetData.setPowered(on)),
      signalsFirst: true,
    },
    Suspended: { get: ({ attached, suspended }) => (attached ? suspended : undefined), assumed: false },
  },
  methods: {
    AddContext: async (actor, [type]) => {
      const wanted = contextTypeOf(type);
      return actor.pathOf(await answering(adding, () => actor.packetData.addContext(wanted)));
    },
    RemoveContext: (actor, [path]) => {
      const context = contextAt(actor, path);
      return answering(removing, () => actor.packetData.removeContext(context));
    },
    DeactivateAll: ({ packetData }) => answering(deactivating, () => packetData.deactivateAll()),
    ResetContexts: ({ packetData }) => answering(resetting, () => packetData.resetContexts()),
    GetContexts: (actor) => actor.contexts(),
  },
});
