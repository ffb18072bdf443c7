/** `wwanctl policy show`: the merged policy, each value with its origin, and whether the daemon runs it. */
import { type PolicyWithSource, policyWithSource } from "../config/policy.js";
import { policyTexts } from "../config/policy-files.js";
import { effectiveSettings, type Setting, writtenSettings } from "../config/settings.js";
import { originText, policyText } from "../config/write-policy.js";
import type { Answer } from "./answer.js";
import { refusalAnswer } from "./policy-refusal.js";
import { type Plain, plain } from "./snapshot.js";

export interface ShowOptions {
  /** Every value, whoever wrote it or nobody. */
  readonly effective: boolean;
  /** What the daemon runs by; undefined where none is there, or other files than its own are shown. */
  readonly daemonGeneration: string | undefined;
}

/** Bad news: the files are refused, there is nothing to show. */
export function policyShowAnswer(places: readonly string[], options: ShowOptions): Answer {
  try {
    return shown(policyWithSource(policyTexts(places), places.at(-1) ?? ""), options);
  } catch (error) {
    return refusalAnswer(error);
  }
}

function shown(loaded: PolicyWithSource, { effective, daemonGeneration }: ShowOptions): Answer {
  const { generation, files } = loaded.policy;
  const settings = effective ? effectiveSettings(loaded) : writtenSettings(loaded.merged);
  const head = [
    `# ${effective ? "every value in force" : "what the files say"}, generation ${generation}, by`,
    ...(files.length === 0 ? ["#   no file: routes and DNS are left alone"] : files.map((file) => `#   ${file}`)),
    ...differenceOf(generation, daemonGeneration),
  ];
  return {
    text: [head.join("\n"), policyText(settings)].filter((part) => part !== "").join("\n\n"),
    json: {
      ...{ generation, daemonGeneration: daemonGeneration ?? null, files },
      settings: settings.map(settingJson),
    },
    bad: false,
  };
}

function differenceOf(generation: string, daemonGeneration: string | undefined): readonly string[] {
  if (daemonGeneration === undefined || daemonGeneration === generation) return [];
  return [
    `# NOT IN FORCE: the daemon runs generation ${daemonGeneration}; reload with SIGHUP (systemctl reload wwand)`,
  ];
}

function settingJson(setting: Setting): Plain {
  const { path, value, origin, unwritable } = setting;
  const place = origin.is === "default" ? undefined : origin.place;
  return {
    ...{ key: path.join("."), value: plain(value), origin: origin.is, text: originText(setting) },
    ...(origin.is === "inherited" && { from: origin.from }),
    ...(place && { file: place.file, line: place.line }),
    ...(unwritable !== undefined && { note: unwritable }),
  };
}
