/** org.ofono.ConnectionContext: one APN and what the network gave for it, at `<modem>/context<N>`. */
import type { Context, ContextSettings, ContextState } from "../../modem/api.js";
import { bindOfono } from "../bind.js";
import { OfonoError } from "../errors.js";
import { type Answers, answering } from "./answers.js";
import { client, reaffirm } from "./wishes.js";
import { authMethodOf, contextTypeOf, ipv4SettingsOf, ipv6SettingsOf, protocolOf } from "./words.js";

// The modem's own refusal is always Failed; NotImplemented says that the modem has no bearer left for this context.
const activating: Answers = {
  rules: ["InProgress", "InvalidArguments", "NotAttached", "AttachInProgress", "NotImplemented"],
  modem: [],
};
const setting: Answers = { rules: ["InvalidFormat", "InvalidArguments", "InProgress", "InUse"], modem: [] };

/** A row for one stored setting; `parse` refuses words that are none of the contract's. */
function stored<Key extends keyof ContextSettings>(key: Key, parse: (text: string) => ContextSettings[Key]) {
  return {
    get: (state: ContextState): ContextSettings[Key] => state[key],
    set: (context: Context, text: string) => {
      const value = parse(text);
      return answering(setting, () => context.set(key, value));
    },
    concurrent: true,
  };
}

const asIs = (text: string): string => text;

/** A row that only a context of type mms has. */
function storedForMms(key: "messageProxy" | "messageCenter") {
  const row = stored(key, asIs);
  return {
    ...row,
    get: (state: ContextState): string | undefined => (state.type === "mms" ? row.get(state) : undefined),
    before: (context: Context) => {
      if (context.state.type !== "mms") throw new OfonoError("InvalidArguments", "only a context of type mms has this");
    },
  };
}

// The context itself says what may not be changed while something else runs: an activation can be called off.
// Settings leave before Active both ways: ConnMan acts on Active with what it was told before.
export const connectionContextInterface = bindOfono("org.ofono.ConnectionContext").to<ContextState, Context>({
  /** Nothing but Active may be named while the context is active, whatever it is and whatever value it is to have. */
  guard: ({ state }, property) => {
    if (state.active && property !== "Active") throw new OfonoError("InUse", "the context is active");
  },
  properties: {
    Name: stored("name", asIs),
    Settings: { get: ipv4SettingsOf },
    "IPv6.Settings": { get: ipv6SettingsOf },
    Active: {
      get: ({ active }) => active,
      before: (context, active, caller) =>
        reaffirm(context.state.active === active, () => context.setActive(active, client(caller))),
      set: (context, active, caller) => answering(activating, () => context.setActive(active, client(caller))),
      concurrent: true,
    },
    Type: stored("type", contextTypeOf),
    Protocol: stored("protocol", protocolOf),
    AccessPointName: stored("apn", asIs),
    Username: stored("username", asIs),
    Password: stored("password", asIs),
    AuthenticationMethod: stored("auth", authMethodOf),
    MessageProxy: storedForMms("messageProxy"),
    MessageCenter: storedForMms("messageCenter"),
  },
  methods: {},
});
