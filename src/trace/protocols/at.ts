/**
 * AT lines in a trace. There is no table of every vendor's commands: what is known to be harmless stays, of the rest the
 * shape. @see ITU-T V.250 5, 3GPP TS 27.007
 */
import type { Covering } from "../cover.js";
import type { Direction } from "../entry.js";

/** Commands and answers whose values tell states, capabilities, APNs and addresses, and neither secrets nor persons. */
const open = new Set(
  [
    "CREG CGREG CEREG C5GREG COPS CSQ CESQ CFUN CMEE CPIN? CGATT CGACT CGDCONT CGPADDR CGCONTRDP CGEREP CGEV CSCS CLAC",
    "CREG? CIND CMER CGCLASS CPAS GCAP CGMI CGMM CGMR GMI GMM GMR CSCON CEER CGQREQ CGEQREQ CNMP CPSI CUSBPIDSWITCH",
    "QCFG QCSQ QNWINFO QENG QNETDEVCTL QIND QUSIM COPN CTZR CTZU CCLK CNSMOD CNBP CNETCI NETOPEN SIMCARD",
    "SYSINFOEX SYSCFGEX SYSCFG RSSI HCSQ NDISSTAT NDISSTATQRY DHCP DHCPV6 MODE SRVST SIMST CARDMODE GETPORTMODE BOOT",
    "CMGF CMGD CMTI CDSI CNMI CNMA CPMS CSMS SETPORT CURC NWTIME LTERSRP RFSWITCH VERSION CSNR DSFLOWRPT ANLEVEL",
  ].flatMap((line) => line.split(" ")),
);

/** Answers that are an identity and nothing else. */
const identities = new Set(["CIMI", "CGSN", "GSN", "CCID", "ICCID", "QCCID", "CICCID", "CNUM", "MEID", "EID", "SN"]);

/** Questions whose answer is a line without a name in front. */
const bareAnswers = new Set(["I", "CGMI", "CGMM", "CGMR", "GMI", "GMM", "GMR", ...identities]);

const wordLines =
  /^(OK|ERROR|\+CM[ES] ERROR:.*|CONNECT( \d+)?|NO CARRIER|BUSY|NO ANSWER|NO DIAL ?TONE|RING|RDY|APP RDY|CALL READY|SMS READY|SMS DONE|PB DONE|EPS PB DONE|NORMAL POWER DOWN|POWERED DOWN|COMMAND NOT SUPPORT|[0-8]|>)$/i;

/** A message's octets stand in the line below it, a text may go on there. */
const goesOn = /^\s*(\+(CMT|CDS|CBM|CMGL|CMGR):|\+CUSD: *[0-9]+ *, *"(?!.*"(, *[0-9]*)?\s*$))/i;

/** Octets are one line, a text ends with its quotation mark. */
const ends = /^\s*([0-9A-F]{2})+\s*$|"( *, *[0-9]*)?\s*$/i;
const named = /^(\s*[+^*$%#&_]([A-Z][A-Z0-9_]*):)(.*)$/i;

const stars = (text: string): string => text.replace(/[^\s,;:="]/g, "*");
/** Digits stay: they are pseudonyms later. */
const starsButDigits = (text: string): string => text.replace(/[^\s,;:="0-9+]/g, "*");

const commandName = (text: string): string => /^[+^*$%#&_]?([A-Z0-9_]*)/i.exec(text)?.[1]?.toUpperCase() ?? "";

/** `AT+CPIN="1234"` keeps its name; a question has no values. */
function coveredCommand(line: string): string {
  const [, values = ""] = /^[^=]*=(.*)$/s.exec(line) ?? [];
  if (values === "" || values === "?")
    return line.startsWith("D") || line.startsWith("d") ? `D${stars(line.slice(1))}` : line;
  return open.has(commandName(line)) ? line : `${line.slice(0, line.length - values.length)}${stars(values)}`;
}

const isCommandLine = (line: string): boolean => /^AT/i.test(line) || line === "A/" || line === "+++";

export class AtCovering implements Covering {
  /** What was asked last; an answer without a name is understood by it alone. */
  #asked = "";
  /** The line before goes on in this one, whatever was asked. */
  #isBelow = false;

  coverSecrets(chunk: Buffer, direction: Direction): void {
    const text = chunk.toString("latin1");
    chunk.write(
      text.replace(/[^\r\n]+/g, (line) => this.#covered(line, direction)),
      "latin1",
    );
  }

  openIdentities(chunk: Buffer): readonly Buffer[] {
    const text = chunk.toString("latin1");
    return [...text.matchAll(/[0-9]{7,}/g)].map(({ index, 0: digits }) => chunk.subarray(index, index + digits.length));
  }

  #covered(line: string, direction: Direction): string {
    if (direction === "<" && this.#isBelow && !named.test(line) && !wordLines.test(line.trim())) {
      this.#isBelow = !ends.test(line);
      return stars(line);
    }
    if (isCommandLine(line)) {
      const commands = line.slice(2).split(/;(?=(?:[^"]*"[^"]*")*[^"]*$)/);
      this.#asked = commandName(commands.at(-1) ?? "");
      return `${line.slice(0, 2)}${commands.map(coveredCommand).join(";")}`;
    }
    // The text of a message, or whatever else a prompt asked for.
    if (direction === ">") return stars(line);
    return this.#coveredAnswer(line);
  }

  #coveredAnswer(line: string): string {
    this.#isBelow = goesOn.test(line);
    if (wordLines.test(line.trim())) {
      this.#asked = "";
      return line;
    }
    const [, head, name = "", rest = ""] = named.exec(line) ?? [];
    if (head === undefined) return bareAnswers.has(this.#asked) ? line : stars(line);
    if (open.has(name.toUpperCase()) || name.toUpperCase() === "CPIN") return line;
    return `${head}${identities.has(name.toUpperCase()) ? starsButDigits(rest) : stars(rest)}`;
  }
}

/** The lines between bars: `"AT+CSQ"`, `"+CSQ: 17,99" | "OK"`. */
export const atText = (chunk: Buffer): string =>
  chunk
    .toString("latin1")
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.stringify(line))
    .join(" | ");
