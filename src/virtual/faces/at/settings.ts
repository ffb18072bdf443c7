/** Commands about the port itself. @see ITU-T V.250 6 */
import { type Handler, no, ok, type Row, small } from "./answer.js";
import { freshSettings, type PortSettings } from "./port-settings.js";
import { cme } from "./refusals.js";

type Flag = "echo" | "verbose" | "quiet";

/** Without a number it is 0. @see ITU-T V.250 5.3.1 */
const flag =
  (name: Flag): Handler =>
  ({ settings }, [value = "0"]) => {
    if (value !== "0" && value !== "1") return no(cme.incorrectParameters);
    settings[name] = value === "1";
    return ok();
  };

const reset: Handler = ({ settings }) => {
  const { news, kept, ...fresh } = freshSettings();
  Object.assign(settings, fresh satisfies Partial<PortSettings>);
  Object.assign(settings.news, news);
  settings.kept.clear();
  return ok();
};

const accept: Handler = () => ok();

/** A command whose value is taken, told, and changes nothing here. `test`: what `=?` tells. */
export const kept = (name: string, initial: string, test: string): Row => ({
  name,
  test,
  read: ({ settings }) => ok(`${name}: ${settings.kept.get(name) ?? initial}`),
  set: ({ settings }, args) => {
    const quoted = args.map((value) => (/^-?[0-9]*$/.test(value) ? value : `"${value}"`));
    settings.kept.set(name, quoted.join(","));
    return ok();
  },
});

const errors: Row = {
  name: "+CMEE",
  test: "(0-2)",
  read: (serving) => ok(`+CMEE: ${serving.settings.errors}`),
  set: ({ settings }, [value]) => {
    const wanted = small(value, 2);
    if (wanted === undefined) return no(cme.incorrectParameters);
    settings.errors = wanted;
    return ok();
  },
};

export const settingsRows: readonly Row[] = [
  { name: "E", execute: flag("echo") },
  { name: "V", execute: flag("verbose") },
  { name: "Q", execute: flag("quiet") },
  { name: "X", execute: accept },
  { name: "&C", execute: accept },
  { name: "&D", execute: accept },
  { name: "&F", execute: reset },
  { name: "Z", execute: reset },
  { name: "H", execute: accept },
  errors,
  kept("+CSCS", '"IRA"', '("IRA","GSM","UCS2")'),
  kept("+IFC", "0,0", "(0-2),(0-2)"),
  kept("+IPR", "0", "(),(0,9600,115200)"),
];
