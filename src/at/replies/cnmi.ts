/** +CNMI=?: how a modem can tell of messages. @see 3GPP TS 27.005 3.4.1 */
import { type AtQuery, lines as answerLines } from "../command.js";
import { numbersIn, onlyLine, parameters } from "../parameters.js";

export interface OfferedMessageNews {
  readonly mode: readonly number[];
  /** Of messages: 1 tells where it keeps them, 2 hands them over. */
  readonly mt: readonly number[];
  /** Of cell broadcasts. */
  readonly bm: readonly number[];
  /** Of reports: 1 hands them over, 2 tells where it keeps them. */
  readonly ds: readonly number[];
  readonly bfr: readonly number[];
}

/** Some firmware leaves out the last lists: what is not there offers nothing. */
export const offeredMessageNews: AtQuery<OfferedMessageNews> = {
  text: "AT+CNMI=?",
  answer: answerLines("+CNMI:"),
  read: (lines) => {
    const [mode = [], mt = [], bm = [], ds = [], bfr = []] = parameters(onlyLine(lines)).map(numbersIn);
    return { mode, mt, bm, ds, bfr };
  },
};
