/** The receiver for satellites, and thermometers, in vendors' words. */
import { no, ok, type Row, type Serving } from "./answer.js";

const isOn = ({ machine: { state } }: Serving): boolean => state.receiverOn;

/** Who says what is so already is refused. */
function turn(serving: Serving, on: boolean, refusal: number | string) {
  if (isOn(serving) === on) return no(refusal);
  serving.machine.send({ type: "setReceiver", on });
  return ok();
}

const receiverRow = (name: string, told: (on: boolean) => string): Row => ({
  name,
  test: "(0,1)",
  read: (serving) => ok(`${name}: ${told(isOn(serving))}`),
  set: (serving, [wanted]) => (wanted === "0" || wanted === "1" ? turn(serving, wanted === "1", "ERROR") : no("ERROR")),
});

const temperature: Row = { name: "+CPMUTEMP", execute: () => ok("+CPMUTEMP: 38"), test: "" };

export const sim7600HardwareRows: readonly Row[] = [receiverRow("+CGPS", (on) => `${on ? 1 : 0},1`), temperature];

export const asrHardwareRows: readonly Row[] = [receiverRow("+CGNSSPWR", (on) => (on ? "1" : "0")), temperature];

/** Quectel's own numbers: a session runs already, none runs. */
const sessionErrors = { ongoing: 504, notActive: 505 };

export const quectelHardwareRows: readonly Row[] = [
  {
    name: "+QGPS",
    test: "(1-4),(1-255),(1-1000),(0-1000),(1-65535)",
    read: (serving) => ok(`+QGPS: ${isOn(serving) ? 1 : 0}`),
    set: (serving, [mode]) => (mode === "1" ? turn(serving, true, sessionErrors.ongoing) : no("ERROR")),
  },
  { name: "+QGPSEND", execute: (serving) => turn(serving, false, sessionErrors.notActive), test: "" },
  { name: "+QTEMP", execute: () => ok("+QTEMP: 30,28,27"), test: "" },
];

/** As an E3372 tells them: two thermometers of amplifiers, and the card's. */
export const huaweiTemperatureRow: Row = {
  name: "^CHIPTEMP",
  read: () => ok("^CHIPTEMP: 304,304,65535,27,65535"),
};
