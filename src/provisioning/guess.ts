/** What is known of a card's operator: oFono's hand-made provisioning file first, then the provider database. */
import { stat } from "node:fs/promises";
import type { ContextSettings } from "../modem/api.js";
import type { ApnCandidate, ApnSource } from "../modem/apn-candidate.js";
import { contextProblem, provisionedContext } from "../modem/context-settings.js";
import type { OperatorGuess, OperatorQuestion } from "../modem/setup.js";
import { errorText } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import { askDatabase, type DatabaseAnswer } from "./database.js";
import type { OfonoFiles } from "./ofono-files.js";
import type { ProviderApn } from "./provider-database.js";

export interface GuessRoom {
  readonly ofono: OfonoFiles;
  /** The provider database's file; read anew at each question. */
  databaseFile(): string;
  readonly log: Log;
}

/** Of as many networks as a machine may meet cards of: an answer is small, the reading of the database is not. */
const mostRemembered = 16;

export class OperatorGuesses {
  /** What the database said, by its file as it was and the question: a card that is not used is asked about at each plugging-in. */
  readonly #remembered = new Map<string, DatabaseAnswer>();
  /** The file that was missing last: told once. */
  #toldAbsent: string | undefined;

  constructor(private readonly room: GuessRoom) {}

  async guess(question: OperatorQuestion, signal: AbortSignal): Promise<OperatorGuess> {
    const [handmade, known] = await Promise.all([
      this.room.ofono.provisioning(question.home, signal),
      this.#database(question, signal),
    ]);
    return combined(handmade, known);
  }

  async #database(question: OperatorQuestion, signal: AbortSignal): Promise<DatabaseAnswer> {
    const { home: plmn, serviceProviderName } = question;
    const file = this.room.databaseFile();
    try {
      const { mtimeMs = 0, size = 0 } = (await stat(file).catch(() => undefined)) ?? {};
      const key = JSON.stringify([file, mtimeMs, size, plmn, serviceProviderName]);
      const known = this.#remembered.get(key);
      if (known !== undefined) return known;
      const answer = await askDatabase({ file, plmn, serviceProviderName }, signal);
      if (answer === undefined) this.#absent(file);
      else this.#remember(key, answer);
      return answer ?? nothing;
    } catch (error) {
      if (signal.aborted) throw error;
      this.room.log.warning("the provider database cannot be used", { file, reason: errorText(error) });
      return nothing;
    }
  }

  #remember(key: string, answer: DatabaseAnswer): void {
    const [oldest] = this.#remembered.keys();
    if (oldest !== undefined && this.#remembered.size >= mostRemembered) this.#remembered.delete(oldest);
    this.#remembered.set(key, answer);
  }

  #absent(file: string): void {
    if (this.#toldAbsent === file) return;
    this.#toldAbsent = file;
    this.room.log.info("no provider database: APNs are not guessed (Debian: mobile-broadband-provider-info)", { file });
  }
}

const nothing: DatabaseAnswer = { internet: [] };

/** One list of APNs, and of what else there is. Pure. */
export function combined(handmade: readonly ContextSettings[], { internet, mms }: DatabaseAnswer): OperatorGuess {
  const byHand = handmade.filter(({ type }) => type === "internet");
  const othersByHand = handmade.filter(({ type }) => type !== "internet");
  const found = mms && mmsContext(mms);
  const others = othersByHand.length > 0 || found === undefined ? othersByHand : [found];
  return {
    internet: [
      ...byHand.map((context) => candidate("handmade", "oFono's provisioning file", context)),
      ...internet.map((apn) => candidate("database", nameOf(apn), settingsOf(apn))),
    ],
    others,
  };
}

const candidate = (
  source: ApnSource,
  from: string,
  { apn, username, password, auth }: ContextSettings,
): ApnCandidate => ({ source, from, apn, username, password, auth });

const nameOf = ({ provider, name }: ProviderApn): string =>
  name === undefined || name === provider ? provider : `${provider}, ${name}`;

const settingsOf = ({ apn, username, password, auth }: ProviderApn): ContextSettings =>
  provisionedContext({ apn, username, password, ...(auth === undefined || username === "" ? {} : { auth }) });

/** Undefined where the database's words are none that a context may have. */
function mmsContext(apn: ProviderApn): ContextSettings | undefined {
  const { username, password } = settingsOf(apn);
  const context = provisionedContext({
    type: "mms",
    apn: apn.apn,
    username,
    password,
    messageProxy: apn.mmsProxy,
    messageCenter: apn.mmsc,
  });
  const keys = ["apn", "username", "password", "messageProxy", "messageCenter"] as const;
  return keys.some((key) => contextProblem("mms", key, context[key])) ? undefined : context;
}
