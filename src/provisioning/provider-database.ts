/**
 * The format of mobile-broadband-provider-info: XML text to the access points of one network. Pure.
 * @see serviceproviders.2.dtd of that package
 */
import { XMLParser } from "fast-xml-parser";
import * as v from "valibot";

export interface ProviderApn {
  readonly apn: string;
  readonly provider: string;
  /** Owns the network, where the database says so; others on the same network are virtual operators. */
  readonly primary: boolean;
  /** How many networks the provider lists: the owner of one has more codes than those who buy from it. */
  readonly networks: number;
  /** How many providers of the same network stand before this one. */
  readonly providerIndex: number;
  /** In the words of the database: `internet`, `mms`, `wap`, ...; absent: it does not say. */
  readonly usage?: string;
  readonly plans: readonly string[];
  /** What the database calls this access point. */
  readonly name?: string;
  readonly username: string;
  readonly password: string;
  readonly auth?: "pap" | "chap";
  readonly mmsc: string;
  readonly mmsProxy: string;
}

/** MCC and MNC, the latter with two or three digits. */
export interface Plmn {
  readonly mcc: string;
  readonly mnc: string;
}

const leaf = v.object({ text: v.string() });
const leaves = v.optional(v.array(leaf), []);
const apnElement = v.object({
  value: v.string(),
  plan: v.optional(v.array(v.object({ type: v.string() })), []),
  usage: v.optional(v.array(v.object({ type: v.string() })), []),
  name: leaves,
  username: leaves,
  password: leaves,
  authentication: v.optional(v.array(v.object({ method: v.picklist(["pap", "chap"]) })), []),
  mmsc: leaves,
  mmsproxy: leaves,
});
const networkId = v.object({ mcc: v.string(), mnc: v.string() });
const gsmElement = v.object({ "network-id": v.array(networkId), apn: v.array(v.unknown()) });
const providerElement = v.object({
  primary: v.optional(v.string(), "false"),
  name: leaves,
  gsm: v.array(v.unknown()),
});
const documentElement = v.object({
  serviceproviders: v.array(
    v.object({ country: v.array(v.looseObject({ provider: v.optional(v.array(v.unknown()), []) })) }),
  ),
});

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "",
  textNodeName: "text",
  alwaysCreateTextNode: true,
  parseTagValue: false,
  // Every element as a list: one and several look the same.
  isArray: (_name, _path, _isLeaf, isAttribute) => !isAttribute,
});

const comment = /<!--[\s\S]*?-->/g;
const providerText = /<provider[\s>][\s\S]*?<\/provider>/g;

/** The text without providers that do not name this country code: parsing all of them is what takes the time. */
export const excerptFor = (xml: string, { mcc }: Plmn): string =>
  xml
    .replace(comment, "")
    .replace(providerText, (text) => (text.includes(`"${mcc}"`) || text.includes(`'${mcc}'`) ? text : ""));

interface Provider {
  readonly name: string;
  readonly primary: boolean;
  readonly networks: readonly Plmn[];
  readonly apns: readonly v.InferOutput<typeof apnElement>[];
}

export interface ProviderDatabase {
  readonly providers: readonly Provider[];
}

/** Entries that do not fit the format are left out. @throws Error when the text is no provider database */
export function parseProviders(xml: string): ProviderDatabase {
  const parsed: unknown = parser.parse(xml);
  const document = v.safeParse(documentElement, parsed);
  if (!document.success) throw new Error("no provider database: <serviceproviders> with countries was expected");
  const countries = document.output.serviceproviders.flatMap(({ country }) => country);
  return { providers: countries.flatMap(({ provider }) => provider.flatMap(providerOf)) };
}

function providerOf(element: unknown): readonly Provider[] {
  const provider = v.safeParse(providerElement, element);
  if (!provider.success) return [];
  const gsms = provider.output.gsm.flatMap((gsm) => fitting(gsmElement, gsm));
  return [
    {
      name: firstText(provider.output.name),
      primary: provider.output.primary === "true",
      networks: gsms.flatMap((gsm) => gsm["network-id"]),
      apns: gsms.flatMap((gsm) => gsm.apn.flatMap((apn) => fitting(apnElement, apn))),
    },
  ];
}

function fitting<const S extends v.GenericSchema>(schema: S, value: unknown): v.InferOutput<S>[] {
  const parsed = v.safeParse(schema, value);
  return parsed.success ? [parsed.output] : [];
}

const firstText = ([first]: readonly { readonly text: string }[]): string => first?.text.trim() ?? "";

/** Every access point of a network, in the order of the database. */
export function apnsOf({ providers }: ProviderDatabase, plmn: Plmn): readonly ProviderApn[] {
  const exactly = providers.filter(({ networks }) => networks.some((id) => id.mcc === plmn.mcc && id.mnc === plmn.mnc));
  // Cards do not say how long their MNC is, and the database does not always agree with the numbering plan.
  const serving = exactly.length > 0 ? exactly : providers.filter(({ networks }) => networks.some(sameNumber(plmn)));
  return serving.flatMap((provider, providerIndex) => provider.apns.map((apn) => apnOf(apn, provider, providerIndex)));
}

const sameNumber =
  (plmn: Plmn) =>
  (id: Plmn): boolean =>
    id.mcc === plmn.mcc && id.mnc.length !== plmn.mnc.length && Number(id.mnc) === Number(plmn.mnc);

function apnOf(apn: Provider["apns"][number], provider: Provider, providerIndex: number): ProviderApn {
  const [usage] = apn.usage;
  const [authentication] = apn.authentication;
  const name = firstText(apn.name);
  return {
    apn: apn.value.trim(),
    provider: provider.name,
    primary: provider.primary,
    networks: new Set(provider.networks.map(({ mcc, mnc }) => mcc + mnc)).size,
    providerIndex,
    ...(usage ? { usage: usage.type } : {}),
    plans: apn.plan.map(({ type }) => type),
    ...(name === "" ? {} : { name }),
    username: firstText(apn.username),
    password: firstText(apn.password),
    ...(authentication ? { auth: authentication.method } : {}),
    mmsc: firstText(apn.mmsc),
    mmsProxy: firstText(apn.mmsproxy),
  };
}
