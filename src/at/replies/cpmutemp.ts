/** +CPMUTEMP: how warm a SIMCom module is. By published answers of SIM7600, SIM8230G and A7909E. */
import { type AtQuery, lines as answerLines } from "../command.js";
import { onlyLine, parameters, whole } from "../parameters.js";
import { isPlausible, type ToldTemperature } from "../temperature.js";

/** Of its power management unit, in degrees; some firmware has a warning behind it. */
export const simcomTemperature: AtQuery<readonly ToldTemperature[]> = {
  text: "AT+CPMUTEMP",
  answer: answerLines("+CPMUTEMP:"),
  read: (lines) => {
    const celsius = whole(parameters(onlyLine(lines))[0]);
    return isPlausible(celsius) ? [{ sensor: "pmu", celsius }] : [];
  },
};
