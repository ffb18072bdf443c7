/** The radio, on or off. @see 3GPP TS 27.007 8.2 */
import { functionality } from "../../at/replies/cfun.js";
import { radioSwitchesOf } from "../../at/replies/rfswitch.js";
import type { RadioPort, RadioState, ResetPort } from "../../modem/ports.js";
import { ModemError } from "../../runtime/error.js";
import type { Chat } from "./chat.js";
import type { AtDialect } from "./dialect.js";

const full = 1;
/** Turning it on, some firmware looks for a network before it answers. */
const switchMs = 14_000;

/** The card stays in use without the radio: 4 and not 0. */
const commandOf = (on: boolean) => ({ text: on ? "AT+CFUN=1" : "AT+CFUN=4", timeoutMs: switchMs });

export function radioPort(chat: Chat, { radioSwitches }: Pick<AtDialect, "radioSwitches">): RadioPort {
  const state = async (signal: AbortSignal): Promise<RadioState> => {
    if ((await chat.ask(functionality, signal)) === full) return { softwareOn: true, hardwareOn: true };
    // What is off is off by software, unless the modem knows of a switch.
    const switches = radioSwitches && (await chat.askIfKnown(radioSwitches, signal));
    return switches === undefined || switches.hardwareOn ? { softwareOn: false, hardwareOn: true } : switches;
  };
  return {
    state,
    setOn: async (on, signal) => {
      await chat.tell(commandOf(on), signal);
      return state(signal);
    },
  };
}

/** Undefined: the line is about something else. @throws RangeError when it cannot be read */
export const radioNews = (line: string): RadioState | undefined =>
  /^\^RFSWITCH:/i.test(line) ? radioSwitchesOf(line) : undefined;

export const resetPort = (chat: Chat, { reset }: Pick<AtDialect, "reset">): ResetPort => ({
  reset: async (signal) => {
    await chat.tell(reset, signal).catch((error: unknown) => {
      // It may be gone before it has answered, which is what was asked for.
      if (!(error instanceof ModemError) || error.code !== "unplugged") throw error;
    });
  },
});
