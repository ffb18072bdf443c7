/** +CREG, +CGREG, +CEREG, +C5GREG: where each domain is registered, asked or told. @see 3GPP TS 27.007 7.2, 10.1.20, 10.1.22, 10.1.47 */
import { type AtQuery, lines as answerLines } from "../command.js";
import { lastLine, parameters, whole } from "../parameters.js";

export const registrationDomains = ["+C5GREG", "+CEREG", "+CGREG", "+CREG"] as const;
/** 5G, LTE, packets below LTE, circuits. */
export type RegistrationDomain = (typeof registrationDomains)[number];

export interface DomainReport {
  /** @see 3GPP TS 27.007 7.2 `<stat>` */
  readonly stat: number;
  readonly areaCode?: number;
  readonly cellId?: number;
  /** `<AcT>` of 27.007 7.3. */
  readonly act?: number;
  /** The network's own number; absent where the modem has none or tells one of its own making. */
  readonly cause?: number;
}

const hexadecimal = (text: string | undefined): number | undefined =>
  text !== undefined && /^[0-9A-F]{1,9}$/i.test(text) ? Number.parseInt(text, 16) : undefined;

const isAct = (text: string | undefined): boolean => text === undefined || /^[0-9]{0,2}$/.test(text);

/** How many values stand between `<AcT>` and `<cause_type>`: the routing area, the slices. */
const beforeCause: Readonly<Record<RegistrationDomain, number>> = {
  "+C5GREG": 2,
  "+CEREG": 0,
  "+CGREG": 1,
  "+CREG": 0,
};

function causeIn(domain: RegistrationDomain, tail: readonly string[]): number | undefined {
  const [type, cause] = tail.slice(beforeCause[domain]);
  // Other types are the manufacturer's own numbers.
  return type === "0" && cause !== undefined && /^[0-9]{1,3}$/.test(cause) ? Number(cause) : undefined;
}

function reportOf(domain: RegistrationDomain, [stat, ...rest]: readonly string[]): DomainReport {
  // Novatel puts the routing area before the cell; the standard puts it behind the technology.
  const at = isAct(rest[2]) ? 1 : 2;
  const [area, cell, act] = [hexadecimal(rest[0]), hexadecimal(rest[at]), rest[at + 1]];
  const cause = causeIn(domain, rest.slice(at + 2));
  return {
    stat: whole(stat),
    ...(area === undefined ? {} : { areaCode: area }),
    ...(cell === undefined ? {} : { cellId: cell }),
    ...(act === undefined || act === "" ? {} : { act: whole(act) }),
    ...(cause === undefined ? {} : { cause }),
  };
}

/** An answer has `<n>` before the status. Where a report has anything there, it is an area code of four digits or more. */
function valuesOf(line: string): readonly string[] {
  const values = parameters(line);
  return values.length > 1 && /^[0-9]{1,2}$/.test(values[1] ?? "") ? values.slice(1) : values;
}

/** What a line tells unasked; undefined when it is none of these. @throws RangeError when it is, without a status */
export function registrationNews(
  line: string,
): { readonly domain: RegistrationDomain; readonly report: DomainReport } | undefined {
  const domain = registrationDomains.find((name) => line.toUpperCase().startsWith(`${name}:`));
  return domain && { domain, report: reportOf(domain, valuesOf(line)) };
}

/** A report may come in the middle of the answer: the last line is the newest. */
export const registrationQuery = (domain: RegistrationDomain): AtQuery<DomainReport> => ({
  text: `AT${domain}?`,
  anyPort: true,
  answer: answerLines(`${domain}:`),
  read: (lines) => {
    return reportOf(domain, valuesOf(lastLine(lines)));
  },
});
