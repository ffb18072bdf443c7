/** Which values a context's settings may have, and which they have when nobody chose. */
import type { ContextSettings, ContextType, RefusalKind } from "./api.js";

/** @see oFono ConnectionContext API for the lengths; 3GPP TS 24.008 10.5.6.1 for the APN's 100 octets */
const maxLengths = {
  name: 127,
  apn: 100,
  username: 63,
  password: 255,
  messageProxy: 255,
  messageCenter: 255,
} as const;

const defaultNames: Readonly<Record<ContextType, string>> = {
  internet: "Internet",
  mms: "MMS",
  wap: "WAP",
  ims: "IMS",
  supl: "SUPL",
};

const choices: Readonly<Partial<Record<keyof ContextSettings, readonly string[]>>> = {
  type: ["internet", "mms", "wap", "ims", "supl"],
  protocol: ["ip", "ipv6", "dual"],
  auth: ["none", "pap", "chap"],
};

/**
 * Labels of letters, digits and inner hyphens, of at most 63 octets, joined by dots. A label may be a single letter
 * (`n.ispsn` is a real APN, which oFono refuses).
 * @see 3GPP TS 23.003 9.1, RFC 1035 2.3.1, RFC 1123 2.1
 */
export function isApn(text: string): boolean {
  if (text.length > maxLengths.apn) return false;
  return text.split(".").every((label) => /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(label));
}

export interface ContextProblem {
  readonly kind: RefusalKind & ("invalidFormat" | "invalidArguments");
  readonly message: string;
}

export interface ContextLeniency {
  /** An empty APN arises by AddContext or failed provisioning only; a client cannot set it. */
  readonly emptyApn?: boolean;
  /** Stored contexts carry all members whatever their type. */
  readonly unusedMessageKeys?: boolean;
}

/** Why `value` may not stand in a context of `type`; undefined when it may. */
export function contextProblem<Key extends keyof ContextSettings>(
  type: ContextType,
  key: Key,
  value: ContextSettings[Key],
  { emptyApn = false, unusedMessageKeys = false }: ContextLeniency = {},
): ContextProblem | undefined {
  const format = (message: string): ContextProblem => ({ kind: "invalidFormat", message });
  const allowed = choices[key];
  if (allowed !== undefined)
    return allowed.includes(value) ? undefined : format(`${key} must be one of ${allowed.join(", ")}`);
  if ((key === "messageProxy" || key === "messageCenter") && type !== "mms" && !unusedMessageKeys)
    return { kind: "invalidArguments", message: `${key} exists in contexts of type mms only` };
  if (key === "apn" && value === "" && emptyApn) return undefined;
  if (key === "apn" && !isApn(value)) return format("the access point name has no valid form");
  const limit = maxLengths[key as keyof typeof maxLengths];
  return value.length <= limit ? undefined : format(`${key} has more than ${limit} characters`);
}

/** A context as AddContext makes it. */
export const newContext = (type: ContextType): ContextSettings => ({
  name: defaultNames[type],
  type,
  protocol: "ip",
  apn: "",
  username: "",
  password: "",
  auth: "chap",
  messageProxy: "",
  messageCenter: "",
});

/** A context as provisioning makes it: without a user name nothing is to be authenticated. */
export function provisionedContext(given: Partial<ContextSettings>): ContextSettings {
  const context = { ...newContext(given.type ?? "internet"), ...given };
  return { ...context, auth: given.auth ?? (context.username === "" ? "none" : "chap") };
}
