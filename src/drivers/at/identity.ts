/** Who the device is, in as few questions as it lets us. @see ITU-T V.250 6.1.3, 3GPP TS 27.007 5.1 to 5.4, 5.9 */
import type { AtQuery } from "../../at/command.js";
import type { AtPort } from "../../at/port.js";
import { type Identification, identification, isTrusted } from "../../at/replies/ati.js";
import { manufacturer } from "../../at/replies/cgmi.js";
import { model } from "../../at/replies/cgmm.js";
import { revision } from "../../at/replies/cgmr.js";
import { imei } from "../../at/replies/cgsn.js";
import type { Identity } from "../../modem/types.js";
import { type Chat, isRefusal } from "./chat.js";
import type { AtDialect } from "./dialect.js";
import type { FirmwareFacts } from "./firmware-facts.js";
import { technologiesOf } from "./technology.js";

/** Without technologies, which not every firmware tells. @throws ModemError `timeout`, `unplugged`, `aborted` */
export async function readIdentity(port: AtPort, signal: AbortSignal): Promise<Identity> {
  const ask = <T>(query: AtQuery<T>): Promise<T | undefined> =>
    port.ask(query, signal).catch((error: unknown) => {
      if (isRefusal(error)) return undefined;
      throw error;
    });
  const all = await ask(identification);
  const told: Partial<Identification> = all !== undefined && isTrusted(all) ? all : {};
  const maker = told.manufacturer ?? (await ask(manufacturer));
  const name = told.model ?? (await ask(model));
  const firmware = told.revision ?? (await ask(revision));
  const number = told.imei ?? (await ask(imei));
  return {
    ...(maker === undefined ? {} : { manufacturer: maker }),
    ...(name === undefined ? {} : { model: name }),
    ...(firmware === undefined ? {} : { firmware: firmware.replace(/^\+CGMR: */i, "") }),
    ...(number === undefined ? {} : { imei: number }),
    technologies: [],
  };
}

/** Once for each firmware. Nothing where it does not tell. */
export async function readTechnologies(
  chat: Chat,
  { radios: queries }: Pick<AtDialect, "radios">,
  facts: FirmwareFacts,
  signal: AbortSignal,
): Promise<Identity["technologies"]> {
  if (facts.technologies !== undefined) return facts.technologies;
  for (const query of queries) {
    // Strange words about radios are no reason to go without the modem.
    const radios = await chat.askIfKnown(query, signal).catch((error: unknown) => {
      if (isRefusal(error)) return undefined;
      throw error;
    });
    if (radios === undefined) continue;
    const technologies = technologiesOf(radios);
    facts.learnTechnologies(technologies);
    return technologies;
  }
  return [];
}
