/** What is wrong in files that a person wrote, as an answer. */
import { ConfigError, type ConfigProblem, problemText } from "../config/error.js";
import type { Answer } from "./answer.js";
import type { Plain } from "./snapshot.js";

export const problemJson = (problem: ConfigProblem): Plain => ({ line: null, column: null, ...problem });

/** Bad news. @throws any other error as it is */
export function refusalAnswer(error: unknown): Answer {
  if (!(error instanceof ConfigError)) throw error;
  const { problems } = error;
  return { text: problems.map(problemText).join("\n"), json: { problems: problems.map(problemJson) }, bad: true };
}
