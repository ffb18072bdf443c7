/**
 * GLib key files, as oFono writes them: groups of `key=value` lines with the escapes \s \n \t \r \\. Pure. The INI
 * parsers of npm read another language (quotes, `;` comments, nested sections), which alters passwords and APNs.
 * @see Desktop Entry Specification 3 and 4; GLib's GKeyFile
 */

export type KeyFile = ReadonlyMap<string, ReadonlyMap<string, string>>;

const escapes: Readonly<Record<string, string>> = { s: " ", n: "\n", t: "\t", r: "\r", "\\": "\\" };

/** @throws Error that names the line */
export function parseKeyFile(text: string): KeyFile {
  const groups = new Map<string, Map<string, string>>();
  let group: Map<string, string> | undefined;
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.replace(/\r$/, "").trimStart();
    if (line === "" || line.startsWith("#")) continue;
    const bad = (expected: string): Error => new Error(`line ${index + 1}: ${expected} was expected`);
    const title = /^\[([^[\]\p{Cc}]+)\]\s*$/u.exec(line)?.[1];
    if (title !== undefined) {
      group = groups.get(title) ?? new Map<string, string>();
      groups.set(title, group);
      continue;
    }
    const [, key, value] = /^([^=[][^=]*?)\s*=\s*(.*)$/.exec(line) ?? [];
    if (key === undefined || value === undefined) throw bad("[group] or key=value");
    if (group === undefined) throw bad("[group] before the first key");
    group.set(
      key,
      unescaped(value, () => bad("one of the escapes \\s \\n \\t \\r \\\\")),
    );
  }
  return groups;
}

const unescaped = (value: string, bad: () => Error): string =>
  value.replace(/\\(.?)/g, (_all, letter: string) => {
    const meant = escapes[letter];
    if (meant === undefined) throw bad();
    return meant;
  });
