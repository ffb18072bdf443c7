/** Values of the domain in the words and shapes of oFono's contract, and back. Pure. */
import type { ContextState, ContextType } from "../../modem/api.js";
import type { AuthMethod, IpProtocol, PinType } from "../../modem/types.js";
import type { IpSettings, Ipv6Settings } from "../../network/types.js";
import { OfonoError } from "../errors.js";
import { type Dict, Variant } from "../types.js";

const contextTypes = ["internet", "mms", "wap", "ims", "supl"] as const satisfies readonly ContextType[];
const protocols = ["ip", "ipv6", "dual"] as const satisfies readonly IpProtocol[];
const authMethods = ["chap", "pap", "none"] as const satisfies readonly AuthMethod[];
const pinTypes: Readonly<Record<PinType, true>> = {
  pin: true,
  phone: true,
  firstphone: true,
  pin2: true,
  network: true,
  netsub: true,
  service: true,
  corp: true,
  puk: true,
  firstphonepuk: true,
  puk2: true,
  networkpuk: true,
  netsubpuk: true,
  servicepuk: true,
  corppuk: true,
};

const isPinType = (word: string): word is PinType => Object.hasOwn(pinTypes, word);

function oneOf<Word extends string>(words: readonly Word[], what: string, text: string): Word {
  const word = words.find((candidate) => candidate === text);
  if (word === undefined) throw new OfonoError("InvalidFormat", `${what} is one of ${words.join(", ")}`);
  return word;
}

/** @throws OfonoError InvalidFormat for a word that is none of the contract's. */
export const contextTypeOf = (text: string): ContextType => oneOf(contextTypes, "Type", text);
/** @throws OfonoError InvalidFormat */
export const protocolOf = (text: string): IpProtocol => oneOf(protocols, "Protocol", text);
/** @throws OfonoError InvalidFormat */
export const authMethodOf = (text: string): AuthMethod => oneOf(authMethods, "AuthenticationMethod", text);

/**
 * The PIN that an operation is about. ResetPin takes the name of a PUK, ChangePin and the locks that of a PIN; pin2 has no
 * lock of its own. EnterPin takes any: the domain compares it with what the card wants.
 * @throws OfonoError InvalidFormat for a name that the operation does not know.
 */
export function pinTypeOf(text: string, operation: "enter" | "change" | "reset" | "lock"): PinType {
  const isPuk = text.includes("puk");
  const fits = operation === "enter" || isPuk === (operation === "reset");
  if (isPinType(text) && fits && !(operation === "lock" && text === "pin2")) return text;
  throw new OfonoError("InvalidFormat", "not the name of a PIN for this operation");
}

/** `29` -> `255.255.255.248`. */
export function netmaskOf(prefixLength: number): string {
  const bitsIn = (octet: number) => Math.min(8, Math.max(0, prefixLength - 8 * octet));
  return [0, 1, 2, 3].map((octet) => 256 - 2 ** (8 - bitsIn(octet))).join(".");
}

const text = (value: string): Variant => new Variant("s", value);
const texts = (values: readonly string[]): Variant => new Variant("as", values);

/** ConnectionContext.Settings: `{}` while inactive or without IPv4. @see the key list of oFono's connman-api.txt */
export function ipv4SettingsOf(context: ContextState): Dict {
  const { bearer } = context;
  if (!context.active || bearer === undefined) return {};
  const link = { Interface: text(bearer.interfaceName) };
  // The client of a proxied MMS context reaches nothing but the proxy, so that is all it is told.
  if (context.type === "mms" && context.messageProxy !== "") return { ...link, Proxy: text(context.messageProxy) };
  return bearer.settings.ipv4 === undefined ? {} : { ...link, ...addressing(bearer.settings.ipv4) };
}

function addressing(ipv4: NonNullable<IpSettings["ipv4"]>): Dict {
  if (ipv4.method === "dhcp") return { Method: text("dhcp") };
  return {
    Method: text("static"),
    Address: text(ipv4.address),
    Netmask: text(netmaskOf(ipv4.prefixLength)),
    // NetworkManager refuses settings without a gateway; the own address makes an on-link default route for all clients.
    Gateway: text(ipv4.gateway ?? ipv4.address),
    DomainNameServers: texts(ipv4.dns),
  };
}

/** ConnectionContext.IPv6.Settings: `{}` while inactive or without IPv6; a key is left out while unknown. */
export function ipv6SettingsOf(context: ContextState): Dict {
  const ipv6 = context.bearer?.settings.ipv6;
  if (!context.active || context.bearer === undefined || ipv6 === undefined) return {};
  return { Interface: text(context.bearer.interfaceName), ...addressing6(ipv6) };
}

function addressing6({ address, prefixLength, gateway, dns }: Ipv6Settings): Dict {
  return {
    ...(address !== undefined && { Address: text(address) }),
    ...(prefixLength !== undefined && { PrefixLength: new Variant("y", prefixLength) }),
    ...(gateway !== undefined && { Gateway: text(gateway) }),
    DomainNameServers: texts(dns),
  };
}
