/** What a modem has beside its radio: a receiver of satellites, thermometers. */
import type { AtCommand, AtQuery } from "../../at/command.js";
import type { GnssPort, TemperaturePort } from "../../modem/hardware-ports.js";
import type { Temperature } from "../../modem/types.js";
import { ModemError } from "../../runtime/error.js";
import type { Chat } from "./chat.js";

/** The receiver; positions come by the port that discovery calls NMEA. */
export interface GnssCommands {
  /** Absent: the modem does not tell. */
  readonly isOn?: AtQuery<boolean>;
  readonly on: readonly AtCommand[];
  readonly off: readonly AtCommand[];
}

/** A plain no: the command is not known, or the variant of the module has no receiver. */
function orUnsupported(error: unknown): never {
  if (error instanceof ModemError && error.code === "refused" && error.failure === undefined)
    throw new ModemError("unsupported", "the modem has no receiver for satellites, or not by this command", {
      cause: error,
    });
  throw error;
}

export function gnssPort(chat: Chat, { isOn, on, off }: GnssCommands): GnssPort {
  const state: GnssPort["state"] = async (signal) => {
    if (isOn === undefined) return "unknown";
    return (await chat.ask(isOn, signal).catch(orUnsupported)) ? "on" : "off";
  };
  return {
    state,
    setOn: async (wanted, signal) => {
      // Firmware refuses to be told what is so already.
      if ((await state(signal)) === (wanted ? "on" : "off")) return;
      for (const command of wanted ? on : off) await chat.tell(command, signal).catch(orUnsupported);
    },
  };
}

export const temperaturePort = (chat: Chat, query: AtQuery<readonly Temperature[]>): TemperaturePort => ({
  read: async (signal) => {
    const told = await chat.askIfKnown(query, signal);
    if (told === undefined) throw new ModemError("unsupported", "the firmware tells no temperature");
    return told;
  },
});
