/**
 * USB functions of SIMCom's modules with ASR's chip: chosen by $MYCONFIG, they count from the next start on.
 * @see SIMCom, A76XX Series Linux USB Application Note V1.00
 */
import { no, ok, type Row, type Serving } from "./answer.js";
import { kept } from "./settings.js";

/** By mode, named after their product ids. */
const compositions: Readonly<Record<string, string>> = { 0: "9011", 1: "9025" };

function configure({ context }: Serving, [key = "", mode]: readonly string[]) {
  if (key.toLowerCase() !== "usbnetmode") return no("ERROR");
  const { compositions: known } = context;
  if (mode === undefined) {
    const [current] = Object.entries(compositions).find(([, name]) => name === known.next) ?? [];
    return ok(`$MYCONFIG: "usbnetmode",${current ?? 0},1`);
  }
  const name = compositions[mode];
  return name !== undefined && known.choose(name) ? ok() : no("ERROR");
}

export const asrCompositionRows: readonly Row[] = [
  { name: "$MYCONFIG", set: configure, test: '"usbnetmode",(0,1)' },
  // 0: the network function is dialled by the firmware.
  kept("+DIALMODE", "0", "(0,1)"),
  {
    name: "+CRESET",
    execute: ({ context }) => {
      context.restart();
      return ok();
    },
    test: "",
  },
];
