/** `wwanctl trace`: what was kept, shown in words, and as a file that may be sent to strangers. */
import { readFile, writeFile } from "node:fs/promises";
import { type Bundle, readBundle } from "../trace/bundle.js";
import { traceLines } from "../trace/show.js";
import type { Answer } from "./answer.js";
import { type Call, type Plain, plain } from "./snapshot.js";
import { table } from "./table.js";

/** For names of the daemon's: the last minutes until now. */
export const liveTrace = "live";

const iface = "net.wwand.Trace1";

/** What was kept on failures, oldest first. */
export async function traceList(call: Call): Promise<Answer> {
  const [kept] = await call("net.wwand", "/net/wwand", iface, "List");
  const rows = Array.isArray(kept) ? kept.map((row) => (Array.isArray(row) ? row.map(String) : [])) : [];
  const json = rows.map(([name = "", keptAt = "", modem = "", failure = "", bytes = "0"]): Plain => {
    return { name, keptAt, modem, failure, bytes: Number(bytes) };
  });
  const lines = rows.map(([name = "", keptAt = "", modem = "", failure = ""]) => [name, keptAt, modem || "-", failure]);
  const text =
    lines.length === 0 ? "nothing was kept: nothing has failed" : table(["NAME", "KEPT", "MODEM", "FAILURE"], lines);
  return { text, json, bad: false };
}

async function bundleBytes(call: Call, name: string, identities: boolean): Promise<Buffer> {
  const wanted = name === liveTrace ? "" : name;
  const [bytes] = await call("net.wwand", "/net/wwand", iface, "Read", "sb", [wanted, identities]);
  if (bytes instanceof Uint8Array) return Buffer.from(bytes);
  throw new Error("the daemon answered with something that is no trace");
}

export interface TraceShowOptions {
  readonly modem?: string;
  readonly identities?: boolean;
}

/** One line for each entry. `name`: of the list, `live`, or, with a slash in it, a file. */
export async function traceShow(call: Call, name: string, options: TraceShowOptions): Promise<Answer> {
  const { modem, identities = false } = options;
  const bytes = name.includes("/") ? await readFile(name) : await bundleBytes(call, name, identities);
  return shown(await readBundle(bytes), { modem, identities });
}

function shown({ header, entries }: Bundle, options: { modem: string | undefined; identities: boolean }): Answer {
  const lines = traceLines(entries, options);
  const head = `${header.madeAt} wwand ${header.wwand}: ${[header.modem, header.reason].filter(Boolean).join(": ")}`;
  return { text: [head, ...lines].join("\n"), json: { header: plain(header), lines }, bad: false };
}

/** Writes the file, never over another one. Identities in it are pseudonyms. */
export async function traceExport(call: Call, name: string, file: string): Promise<Answer> {
  const bytes = await bundleBytes(call, name, false);
  const { entries } = await readBundle(bytes);
  await writeFile(file, bytes, { flag: "wx", mode: 0o600 });
  const text = `${file}: ${entries.length} entries. PINs and passwords are not in it; IMEI, IMSI, ICCID and numbers are \
pseudonyms. The operator, cell numbers, APN, user name and IP addresses are as they were: wwanctl trace show ./FILE`;
  return { text, json: { file, entries: entries.length, bytes: bytes.length }, bad: false };
}
