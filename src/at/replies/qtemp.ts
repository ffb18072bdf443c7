/** +QTEMP: how warm a Quectel modem is. By published answers of EP06, EC200T and RG500Q; what the numbers measure they do not say. */
import { type AtQuery, lines as answerLines } from "../command.js";
import { parameters, whole } from "../parameters.js";
import { isPlausible, type ToldTemperature } from "../temperature.js";

/** A line for each thermometer with its name, or one line with a number for each. */
function temperaturesIn(line: string): readonly ToldTemperature[] {
  const [first = "", ...rest] = parameters(line);
  if (/[a-z]/i.test(first)) return [{ sensor: first, celsius: whole(rest[0]) }];
  return [first, ...rest].map((value, index) => ({ sensor: String(index + 1), celsius: whole(value) }));
}

/** 0 and 255 are thermometers that are not there. */
export const quectelTemperatures: AtQuery<readonly ToldTemperature[]> = {
  text: "AT+QTEMP",
  answer: answerLines("+QTEMP:"),
  read: (lines) => {
    if (lines.length === 0) throw new RangeError("an answer without a line");
    return lines.flatMap(temperaturesIn).filter(({ celsius }) => celsius !== 0 && isPlausible(celsius));
  },
};
