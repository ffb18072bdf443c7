/** syslog severities that wwand uses; the daemon prints them as `<N>` prefixes that journald understands. */
export const logLevels = { error: 3, warning: 4, notice: 5, info: 6, debug: 7 } as const;
export type LogLevel = keyof typeof logLevels;
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Log {
  error(message: string, fields?: LogFields): void;
  warning(message: string, fields?: LogFields): void;
  notice(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  /** A message to or from a modem, at level debug. Its text is made only where it is printed. */
  frame(text: () => string, fields?: LogFields): void;
  /** A log whose lines begin with `area: `, e.g. the modem's path. */
  child(area: string): Log;
}

const escaped = (text: string): string =>
  text.replace(/[\u0000-\u001f\u007f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`);

/** An IMSI, IMEI or ICCID where nobody thought of one: in a file's name, in the words of an error. */
const stray = /(?<![0-9A-Za-z])[0-9]{14,22}(?![0-9A-Za-z])/g;
const covered = (text: string): string => text.replace(stray, masked);

const printable = (value: string | number | boolean): string => {
  const text = covered(escaped(String(value)));
  return /[\s"=]/.test(text) || text === "" ? JSON.stringify(text) : text;
};

/** `message key=value ...`: one line whatever the values hold, and no identity in full. */
export function logLine(message: string, fields: LogFields = {}): string {
  const pairs = Object.entries(fields).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${printable(value)}`],
  );
  return [covered(escaped(message.replace(/[\r\n]+/g, " "))), ...pairs].join(" ");
}

/**
 * Writes `<N>area: message key=value` lines of at least `level` to `write`. A level that may change while the program
 * runs is given as a function.
 */
export function createLog(level: LogLevel | (() => LogLevel), write: (line: string) => void, area = ""): Log {
  const now = typeof level === "function" ? level : () => level;
  const isPrinted = (severity: LogLevel) => logLevels[severity] <= logLevels[now()];
  const at = (severity: LogLevel) => (message: string, fields?: LogFields) => {
    if (!isPrinted(severity)) return;
    write(`<${logLevels[severity]}>${area === "" ? "" : `${area}: `}${logLine(message, fields)}\n`);
  };
  return {
    error: at("error"),
    warning: at("warning"),
    notice: at("notice"),
    info: at("info"),
    debug: at("debug"),
    frame: (text, fields) => {
      if (isPrinted("debug")) at("debug")(text(), fields);
    },
    child: (name) => createLog(level, write, area === "" ? name : `${area} ${name}`),
  };
}

export const silentLog: Log = createLog("error", () => undefined);

/** Keeps the first five and the last two characters, as IMSI, ICCID and IMEI appear in logs: `26201********90`. */
export function masked(identity: string): string {
  if (identity.length <= 7) return "*".repeat(identity.length);
  return `${identity.slice(0, 5)}${"*".repeat(identity.length - 7)}${identity.slice(-2)}`;
}
