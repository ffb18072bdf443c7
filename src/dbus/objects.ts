import { readFileSync } from "node:fs";
import { contract } from "./contract.js";
import { BusError } from "./errors.js";
import type { MessageHeader } from "./message.js";
import { isInterfaceName, isObjectPath } from "./names.js";
import type { ExportedInterface, ExportedMethod } from "./types.js";

const introspectable = "org.freedesktop.DBus.Introspectable";
const doctype = `<!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"
"http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">
`;

/** As oFono answers: clients read both as "this modem does not have the feature". */
const unknownMethod = (call: MessageHeader) =>
  new BusError(
    "org.freedesktop.DBus.Error.UnknownMethod",
    `Method "${call.member}" with signature "${call.signature}" on interface "${call.interface ?? "(unset)"}" doesn't exist`,
  );
const unknownObject = (call: MessageHeader) =>
  new BusError(
    "org.freedesktop.DBus.Error.UnknownObject",
    `Method "${call.member}" with signature "${call.signature}" on interface "${call.interface ?? "(unset)"}" doesn't exist: there is no object ${call.path}`,
  );

const machineIdFiles = ["/etc/machine-id", "/var/lib/dbus/machine-id"];

function machineId(): string {
  for (const file of machineIdFiles) {
    try {
      return readFileSync(file, "utf8").trim();
    } catch (error) {
      if (file === machineIdFiles.at(-1))
        throw new BusError("org.freedesktop.DBus.Error.FileNotFound", `no machine id: ${String(error)}`);
    }
  }
  return "";
}

/** Answered on every path, as libdbus does. */
const peer: ExportedInterface = {
  name: "org.freedesktop.DBus.Peer",
  xml: "",
  methods: new Map<string, ExportedMethod>([
    ["Ping", { inSignature: "", call: () => ({ signature: "", body: [] }) }],
    ["GetMachineId", { inSignature: "", call: () => ({ signature: "s", body: [machineId()] }) }],
  ]),
};

/** A method that was called and the interface it belongs to. */
export interface FoundMethod {
  readonly interfaceName: string;
  readonly method: ExportedMethod;
}

type Interfaces = Map<string, ExportedInterface>;

/** What is exported where. Knows no connection, so it outlives the bus. */
export class ObjectTree {
  readonly #objects = new Map<string, Interfaces>();

  /** @throws Error on a path or name that the bus would refuse, and on a second interface of one name on a path. */
  export(path: string, exported: ExportedInterface): () => void {
    if (!isObjectPath(path)) throw new Error(`${JSON.stringify(path)} is not an object path`);
    if (!isInterfaceName(exported.name)) throw new Error(`${JSON.stringify(exported.name)} is not an interface name`);
    const interfaces = this.#objects.get(path) ?? new Map<string, ExportedInterface>();
    if (interfaces.has(exported.name)) throw new Error(`${path} has ${exported.name} already`);
    interfaces.set(exported.name, exported);
    this.#objects.set(path, interfaces);
    return () => {
      if (interfaces.get(exported.name) !== exported) return;
      interfaces.delete(exported.name);
      if (interfaces.size === 0) this.#objects.delete(path);
    };
  }

  /** @throws BusError UnknownObject or UnknownMethod: see the oFono contract. */
  find(call: MessageHeader): FoundMethod {
    const { path = "", member = "", interface: wanted } = call;
    const own = this.#objects.get(path);
    for (const one of this.#candidates(own, wanted)) {
      const method = one.methods.get(member);
      if (method === undefined) continue;
      if (method.inSignature !== call.signature) throw unknownMethod(call);
      return { interfaceName: one.name, method };
    }
    const isThere = own !== undefined || this.#children(path).length > 0;
    const mayIntrospect = wanted === undefined || wanted === introspectable;
    if (isThere && mayIntrospect && member === "Introspect" && call.signature === "")
      return { interfaceName: introspectable, method: this.#introspection(path) };
    throw own === undefined ? unknownObject(call) : unknownMethod(call);
  }

  /** The interface that is called, or all when the caller names none. */
  #candidates(own: Interfaces | undefined, wanted: string | undefined): readonly ExportedInterface[] {
    if (wanted === undefined) return [...(own?.values() ?? []), peer];
    const found = wanted === peer.name ? peer : own?.get(wanted);
    return found === undefined ? [] : [found];
  }

  #introspection(path: string): ExportedMethod {
    return { inSignature: "", call: () => ({ signature: "s", body: [this.introspect(path)] }) };
  }

  /** The XML of a path: its interfaces and the names of its children. */
  introspect(path: string): string {
    const own = [...(this.#objects.get(path)?.values() ?? [])].map(({ xml }) => xml);
    const children = this.#children(path).map((name) => `<node name="${name}"/>`);
    const lines = [contract[introspectable].xml, ...own, ...children];
    return `${doctype}<node>\n${lines.join("\n")}\n</node>\n`;
  }

  #children(path: string): readonly string[] {
    const prefix = path === "/" ? "/" : `${path}/`;
    const below = [...this.#objects.keys()].filter((one) => one.startsWith(prefix) && one !== path);
    return [...new Set(below.map((one) => one.slice(prefix.length).split("/")[0] ?? ""))].sort();
  }
}
