/** What oFono keeps on the disk, as the domain has it. Pure: text in, values out. */
import type { ContextSettings, ContextType } from "../modem/api.js";
import { contextProblem, isApn, newContext, provisionedContext } from "../modem/context-settings.js";
import type { ImportedState } from "../modem/store.js";
import { type KeyFile, parseKeyFile } from "./key-file.js";
import type { Plmn } from "./provider-database.js";

type Group = ReadonlyMap<string, string>;
type Keys = Readonly<Record<string, keyof ContextSettings>>;

/** oFono's names of a context's members. */
const members = {
  Name: "name",
  AccessPointName: "apn",
  Username: "username",
  Password: "password",
  AuthenticationMethod: "auth",
  Protocol: "protocol",
  MessageProxy: "messageProxy",
  MessageCenter: "messageCenter",
} as const satisfies Keys;

export interface ReadStorage {
  readonly state: ImportedState;
  /** Entries that were left out, each with the reason. Holds no secret. */
  readonly leftOut: readonly string[];
}

/** `<IMSI>/gprs`. @throws Error when the text is no key file */
export function readGprs(text: string): ReadStorage {
  const file = parseKeyFile(text);
  const settings = file.get("Settings");
  // oFono writes its defaults (Powered, no roaming) for every card: only what differs is somebody's choice.
  const isOff = flagOf(settings, "Powered") === false;
  const mayRoam = flagOf(settings, "RoamingAllowed") === true;
  const contexts: (ContextSettings & { readonly number: number })[] = [];
  const leftOut: string[] = [];
  for (const [name, group] of file) {
    const number = Number(/^context([1-9][0-9]{0,8})$/.exec(name)?.[1]);
    if (Number.isNaN(number)) continue;
    const read = contextOf(group);
    if (typeof read === "string") leftOut.push(`${name}: ${read}`);
    else contexts.push({ ...read, number });
  }
  return {
    state: {
      ...(isOff ? { powered: false } : {}),
      ...(mayRoam ? { roamingAllowed: true } : {}),
      contexts: contexts.sort((a, b) => a.number - b.number),
    },
    leftOut,
  };
}

/** `<IMSI>/netreg`. @throws Error when the text is no key file */
export const readMode = (text: string): string | undefined => parseKeyFile(text).get("Settings")?.get("Mode");

/** GLib reads `true` and `1`, `false` and `0`. */
function flagOf(group: Group | undefined, key: string): boolean | undefined {
  const value = group?.get(key)?.trim();
  if (value === "true" || value === "1") return true;
  return value === "false" || value === "0" ? false : undefined;
}

/** The context, or why it cannot be one. */
function contextOf(group: Group): ContextSettings | string {
  const type = typeOf(group.get("Type"));
  if (type === undefined) return "unknown Type";
  return settingsOf(newContext(type), (key) => group.get(key));
}

const types: readonly ContextType[] = ["internet", "mms", "wap", "ims", "supl"];
const typeOf = (text: string | undefined): ContextType | undefined => types.find((type) => type === text);

function settingsOf(base: ContextSettings, written: (key: string) => string | undefined): ContextSettings | string {
  let context = base;
  for (const [theirs, ours] of Object.entries(members)) {
    const value = written(theirs);
    if (value === undefined) continue;
    const next = { ...context, [ours]: value };
    const problem = contextProblem(base.type, ours, next[ours], { emptyApn: true, unusedMessageKeys: true });
    if (problem) return problem.message;
    context = next;
  }
  return context;
}

/**
 * The hand-made `provisioning`: `[operator:262,01]` with `internet.AccessPointName` and so on. What it gives for a
 * network, internet first; entries without a usable APN are left out. @throws Error when the text is no key file
 */
export function readProvisioning(text: string, plmn: Plmn): readonly ContextSettings[] {
  const group = operatorGroup(parseKeyFile(text), plmn);
  if (group === undefined) return [];
  return types.flatMap((type) => {
    const read = settingsOf(provisionedContext({ type }), (key) => group.get(`${type}.${key}`));
    if (typeof read === "string" || !isApn(read.apn)) return [];
    const hasAuth = group.has(`${type}.AuthenticationMethod`);
    return [hasAuth ? read : provisionedContext({ ...read, auth: read.username === "" ? "none" : "chap" })];
  });
}

function operatorGroup(file: KeyFile, { mcc, mnc }: Plmn): Group | undefined {
  const written = (name: string): boolean => {
    const [, code = "", network = ""] = /^operator:\s*([0-9]{3})\s*,\s*([0-9]{2,3})\s*$/.exec(name) ?? [];
    return code === mcc && network === mnc;
  };
  return [...file].find(([name]) => written(name))?.[1];
}
