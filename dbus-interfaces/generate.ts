/**
 * Writes src/dbus/contract.ts from the XML files beside this script: `node --import=tsx dbus-interfaces/generate.ts`.
 * The text is passed through biome, so that the committed file is also a formatted one.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { XMLParser } from "fast-xml-parser";

interface Arg {
  readonly name: string;
  readonly type: string;
  readonly direction: string;
}
interface Annotation {
  readonly name: string;
  readonly value: string;
}
interface Member {
  readonly name: string;
  readonly arg: readonly Arg[];
}
interface PropertyElement extends Annotation {
  readonly type: string;
  readonly access: string;
  readonly annotation: readonly Annotation[];
}
interface InterfaceElement {
  readonly name: string;
  readonly method: readonly Member[];
  readonly signal: readonly Member[];
  readonly property: readonly PropertyElement[];
  readonly annotation: readonly Annotation[];
}
interface Property {
  readonly name: string;
  readonly signature: string;
  readonly writable: boolean;
  /** Whether PropertiesChanged carries it; org.ofono properties always signal. */
  readonly signalled: boolean;
}

const folder = fileURLToPath(new URL(".", import.meta.url));
const contractFile = fileURLToPath(new URL("../src/dbus/contract.ts", import.meta.url));
const propertyPrefix = "net.wwand.Property.";
const emitsChanged = "org.freedesktop.DBus.Property.EmitsChangedSignal";
const lists = ["arg", "annotation", "method", "signal", "property"];

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "",
  parseAttributeValue: false,
  isArray: (tag) => lists.includes(tag),
});

const list = <T>(items: readonly T[] | undefined): readonly T[] => items ?? [];

/** Where the TypeScript type of one complete D-Bus type ends and the next begins. */
function typeAt(signature: string, at: number): { readonly text: string; readonly next: number } {
  const basic: Readonly<Record<string, string>> = {
    b: "boolean",
    y: "number",
    n: "number",
    q: "number",
    i: "number",
    u: "number",
    d: "number",
    x: "bigint",
    t: "bigint",
    s: "string",
    o: "string",
    g: "string",
    v: "Variant",
  };
  const code = signature[at] ?? "";
  if (code in basic) return { text: basic[code] ?? "", next: at + 1 };
  if (signature.startsWith("ay", at)) return { text: "Uint8Array", next: at + 2 };
  if (signature.startsWith("a{", at)) {
    const key = typeAt(signature, at + 2);
    const value = typeAt(signature, key.next);
    return { text: `Readonly<Record<${key.text}, ${value.text}>>`, next: value.next + 1 };
  }
  if (code === "a") {
    const item = typeAt(signature, at + 1);
    return { text: `readonly (${item.text})[]`, next: item.next };
  }
  if (code !== "(") throw new Error(`${signature}: no TypeScript type for "${code}" at ${at}`);
  const members: string[] = [];
  let next = at + 1;
  while (signature[next] !== ")") {
    const member = typeAt(signature, next);
    members.push(member.text);
    next = member.next;
  }
  return { text: `readonly [${members.join(", ")}]`, next: next + 1 };
}

const typeOf = (signature: string): string => typeAt(signature, 0).text;
const tuple = (args: readonly Arg[]): string =>
  `readonly [${args.map((arg) => `${arg.name}: ${typeOf(arg.type)}`).join(", ")}]`;
const signatureOf = (args: readonly Arg[]): string => args.map((arg) => arg.type).join("");
const going = (member: Member, direction: string): readonly Arg[] =>
  list(member.arg).filter((arg) => arg.direction === direction);

/** One result is the value itself, several are a tuple, none is undefined. */
function replyType(out: readonly Arg[]): string {
  const [only] = out;
  if (only === undefined) return "undefined";
  return out.length === 1 ? typeOf(only.type) : tuple(out);
}

function propertiesOf(element: InterfaceElement): readonly Property[] {
  const ofono = list(element.annotation).map(({ name, value }) => {
    const [signature = "", access] = value.split(" ");
    if (!name.startsWith(propertyPrefix) || (access !== "r" && access !== "rw"))
      throw new Error(`${element.name}: annotation ${name}="${value}" declares no property`);
    return { name: name.slice(propertyPrefix.length), signature, writable: access === "rw", signalled: true };
  });
  const standard = list(element.property).map(({ name, type, access, annotation }) => {
    const emits = list(annotation).find((one) => one.name === emitsChanged)?.value ?? "true";
    if (!["true", "false", "const"].includes(emits))
      throw new Error(`${element.name}.${name}: ${emits} is not supported`);
    return { name, signature: type, writable: access === "readwrite", signalled: emits === "true" };
  });
  return [...ofono, ...standard];
}

const record = (members: readonly string[]): string =>
  members.length === 0 ? "Readonly<Record<never, never>>" : `{ ${members.join("\n")} }`;

function typesOf(element: InterfaceElement): string {
  const properties = propertiesOf(element).map(
    (p) =>
      `readonly ${JSON.stringify(p.name)}: { readonly type: ${typeOf(p.signature)}; readonly writable: ${p.writable} };`,
  );
  const methods = list(element.method).map(
    (m) =>
      `readonly ${m.name}: { readonly args: ${tuple(going(m, "in"))}; readonly reply: ${replyType(going(m, "out"))} };`,
  );
  const signals = list(element.signal).map((s) => `readonly ${s.name}: ${tuple(list(s.arg))};`);
  return `readonly ${JSON.stringify(element.name)}: {
    readonly properties: ${record(properties)};
    readonly methods: ${record(methods)};
    readonly signals: ${record(signals)};
  };`;
}

function descriptionOf(element: InterfaceElement, xml: string): string {
  const properties = propertiesOf(element).map(
    ({ name, ...rest }) => `${JSON.stringify(name)}: ${JSON.stringify(rest)},`,
  );
  const methods = list(element.method).map(
    (m) =>
      `${m.name}: ${JSON.stringify({ in: signatureOf(going(m, "in")), out: going(m, "out").map((arg) => arg.type) })},`,
  );
  const signals = list(element.signal).map((s) => `${s.name}: ${JSON.stringify(signatureOf(list(s.arg)))},`);
  return `${JSON.stringify(element.name)}: {
    xml: \`${xml}\`,
    properties: { ${properties.join("\n")} },
    methods: { ${methods.join("\n")} },
    signals: { ${signals.join("\n")} },
  },`;
}

/** The `<interface>` element as introspection shows it: the file's own text without the comments. */
function interfaceText(xml: string): string {
  const element = /^ *<interface[\s\S]*<\/interface>/m.exec(xml.replace(/<!--[\s\S]*?-->/g, ""))?.[0] ?? "";
  return element.replace(/\n\s*(?=\n)/g, "").replace(/^ {2}/gm, "");
}

/** The text of src/dbus/contract.ts as the XML files demand it. */
export function generateContract(): string {
  const files = readdirSync(folder).filter((file) => file.endsWith(".xml"));
  const parsed = files.sort().map((file) => {
    const xml = readFileSync(`${folder}/${file}`, "utf8");
    const element: InterfaceElement = parser.parse(xml).node.interface;
    if (`${element.name}.xml` !== file) throw new Error(`${file} describes ${element.name}`);
    return { element, xml: interfaceText(xml) };
  });
  const text = `// Generated from dbus-interfaces/*.xml by dbus-interfaces/generate.ts. Do not edit: change the XML and run it.
    import type { InterfaceDescription, Variant } from "./types.js";

    /** The types of every property, method and signal, by interface. */
    export interface Contract { ${parsed.map(({ element }) => typesOf(element)).join("\n")} }

    /** What the bindings dispatch and introspect by. */
    export const contract = { ${parsed.map(({ element, xml }) => descriptionOf(element, xml)).join("\n")}
    } as const satisfies Record<keyof Contract, InterfaceDescription>;
  `;
  const biome = fileURLToPath(new URL("../node_modules/.bin/biome", import.meta.url));
  const format = ["format", "--stdin-file-path=src/dbus/contract.ts"];
  return execFileSync(biome, format, {
    input: text,
    encoding: "utf8",
    cwd: fileURLToPath(new URL("..", import.meta.url)),
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(contractFile, generateContract());
