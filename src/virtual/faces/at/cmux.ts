/** The command that multiplexes the line. @see 3GPP TS 27.007 5.7 */
import type { CmuxProfile } from "../../model/profile.js";
import { type Answer, no, ok, type Row, type Serving } from "./answer.js";
import { cme } from "./refusals.js";

/** N1 where the host names none. @see 3GPP TS 27.010 5.7.2 */
const usualInfoBytes = 31;
const mostInfoBytes = 1509;

/** `(0),(0),(1-6)` allows 0, 0 and 1 to 6; what is not named must not be told. */
function allows(range: string | undefined, value: string): boolean {
  if (value === "") return true;
  const [, low, high] = /^\((\d+)(?:-(\d+))?\)$/.exec(range ?? "") ?? [];
  return (
    low !== undefined && /^\d{1,5}$/.test(value) && Number(value) >= Number(low) && Number(value) <= Number(high ?? low)
  );
}

/** Basic option and UIH frames, as nearly all firmware. */
export function cmuxRow({ ranges }: CmuxProfile): Row {
  const each = ranges.split(",");
  const set = ({ isLine }: Serving, args: readonly string[]): Answer => {
    if (!isLine) return no(cme.notAllowed);
    if (args.length === 0 || args[0] === "" || args.length > each.length) return no(cme.incorrectParameters);
    if (!args.every((value, at) => allows(each[at], value))) return no(cme.incorrectParameters);
    const wanted = args[3] === undefined || args[3] === "" ? usualInfoBytes : Number(args[3]);
    return { multiplex: { maxInfoBytes: Math.min(wanted, mostInfoBytes) } };
  };
  return { name: "+CMUX", test: ranges, read: () => ok(`+CMUX: 0,0,,${usualInfoBytes}`), set };
}
