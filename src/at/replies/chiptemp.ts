/**
 * ^CHIPTEMP: how warm a modem with HiSilicon's chip is. Sticks have five values, of which one is in whole degrees; modules
 * with 5G have twelve. @see the command's description in Huawei's published modem sources
 */
import { type AtQuery, lines as answerLines } from "../command.js";
import { onlyLine, parameters, whole } from "../parameters.js";
import { isPlausible, type ToldTemperature } from "../temperature.js";

/** With what a degree is divided into. */
const five = [
  ["gsm amplifier", 10],
  ["umts amplifier", 10],
  ["lte amplifier", 10],
  ["card", 1],
  ["battery", 10],
] as const;

/** 65535 is a thermometer that is not there; where nothing has a name, 0 is as well. */
export const huaweiTemperatures: AtQuery<readonly ToldTemperature[]> = {
  text: "AT^CHIPTEMP?",
  answer: answerLines("^CHIPTEMP:"),
  read: (lines) => {
    const values = parameters(onlyLine(lines)).map(whole);
    const isStick = values.length === five.length;
    return values
      .map((value, index) => {
        const [sensor = String(index + 1), parts = 10] = (isStick ? five[index] : undefined) ?? [];
        return { sensor, celsius: value / parts };
      })
      .filter(({ celsius }) => isPlausible(celsius) && (isStick || celsius !== 0));
  },
};
