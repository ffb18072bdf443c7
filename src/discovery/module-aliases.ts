/** Which kernel module knows a device, by the lists that depmod and the kernel's build leave in /lib/modules. Pure. */

/** A line of modules.alias: `alias usb:v12D1p*...ip01in* option`. */
export interface ModuleAlias {
  readonly pattern: string;
  readonly module: string;
}

/** Lines of modules.alias for the buses that modems are on. @see depmod(8), modules.alias(5) */
export const parseAliases = (text: string): readonly ModuleAlias[] =>
  [...text.matchAll(/^alias ((?:usb|pci):\S+) (\S+)$/gm)].map(([, pattern = "", module = ""]) => ({ pattern, module }));

/** NUL-separated `module.key=value` of what is built in. @see modules.builtin.modinfo in kbuild's documentation */
export const parseBuiltinInfo = (text: string): readonly ModuleAlias[] =>
  text.split("\0").flatMap((entry) => {
    const [, module = "", pattern = ""] = /^([^.=]+)\.alias=((?:usb|pci):\S+)$/.exec(entry) ?? [];
    return module === "" ? [] : [{ module, pattern }];
  });

/** `kernel/drivers/usb/serial/option.ko.xz` -> `option`; names of modules have `_` where files may have `-`. */
export const moduleOfFile = (file: string): string | undefined =>
  /([^/]+)\.ko(\.\w+)?$/.exec(file)?.[1]?.replaceAll("-", "_");

/** `*`, `?` and `[...]` as fnmatch(3) has them; patterns of the kernel's build use no others. */
function patternOf(glob: string): RegExp {
  const source = glob
    .replace(/[.+^${}()|\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`);
}

/** An expression for each of hundreds of patterns would cost more than all else that a new device asks: most have `*` only. */
function fits(glob: string, modalias: string): boolean {
  if (/[?[]/.test(glob)) return patternOf(glob).test(modalias);
  const [head = "", ...literals] = glob.split("*");
  const tail = literals.pop();
  if (tail === undefined) return modalias === head;
  if (!modalias.startsWith(head)) return false;
  let at = head.length;
  for (const literal of literals) {
    const found = modalias.indexOf(literal, at);
    if (found < 0) return false;
    at = found + literal.length;
  }
  return modalias.length - at >= tail.length && modalias.endsWith(tail);
}

/** Bus and vendor: what most of the thousands of patterns differ in. */
const prefixLength = { usb: "usb:vXXXX".length, pci: "pci:vXXXXXXXX".length } as const;
const prefixOf = (alias: string): string =>
  alias.slice(0, alias.startsWith("pci") ? prefixLength.pci : prefixLength.usb);

/** Finds modules by modalias among thousands of aliases. */
export class AliasIndex {
  readonly #byPrefix = new Map<string, ModuleAlias[]>();
  readonly #wild: ModuleAlias[] = [];
  /** Devices stay while the machine is looked at again and again. */
  readonly #answers = new Map<string, readonly string[]>();

  constructor(aliases: readonly ModuleAlias[]) {
    for (const alias of aliases) {
      const prefix = prefixOf(alias.pattern);
      const among = /[*?[]/.test(prefix) ? this.#wild : (this.#byPrefix.get(prefix) ?? []);
      among.push(alias);
      if (among !== this.#wild) this.#byPrefix.set(prefix, among);
    }
  }

  /** The names of the modules that know it, those of its own vendor first. */
  modules(modalias: string): readonly string[] {
    const known = this.#answers.get(modalias);
    if (known !== undefined) return known;
    const candidates = [...(this.#byPrefix.get(prefixOf(modalias)) ?? []), ...this.#wild];
    const fitting = candidates.filter(({ pattern }) => fits(pattern, modalias));
    const names = [...new Set(fitting.map(({ module }) => module))];
    this.#answers.set(modalias, names);
    return names;
  }
}
