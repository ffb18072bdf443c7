/** ^RFSWITCH: Huawei's radio switches, by software and by a pin or key; told when one moves. */
import { type AtQuery, lines as answerLines } from "../command.js";
import { lastLine, parameters, whole } from "../parameters.js";

export interface RadioSwitches {
  readonly softwareOn: boolean;
  readonly hardwareOn: boolean;
}

export function radioSwitchesOf(line: string): RadioSwitches {
  const [software, hardware] = parameters(line);
  return { softwareOn: whole(software) === 1, hardwareOn: whole(hardware) === 1 };
}

export const radioSwitches: AtQuery<RadioSwitches> = {
  text: "AT^RFSWITCH?",
  answer: answerLines("^RFSWITCH:"),
  read: (lines) => radioSwitchesOf(lastLine(lines)),
};
