/** The milestones of a modem as lines of the log: registered, connected, lost. What fails is logged where it fails. */
import type { RegistrationPartState } from "../modem/api.js";
import { noApnKnown } from "../modem/apn-chooser.js";
import type { Bearer } from "../modem/link-port.js";
import type { LiveModem } from "../modem/setup.js";
import type { IpSettings } from "../network/types.js";
import { causeText, errorText, type ModemError } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";

/** Follows one modem until the returned function is called. */
export function journal(modem: LiveModem, parent: Log): () => void {
  const log = parent.child(modem.path.slice(1));
  const connected = (bearer: Bearer) =>
    log.info("connected", { interface: bearer.interfaceName, ...addressesOf(bearer) });
  const changed = (bearer: Bearer) => log.notice("the network gave other addresses", addressesOf(bearer));
  const lost = ({ interfaceName }: Bearer, reason: ModemError) =>
    log.warning("connection lost, trying once more", { interface: interfaceName, reason: errorText(reason) });
  const down = ({ interfaceName }: Bearer) => log.info("disconnected", { interface: interfaceName });
  modem.bearerEvents.on("up", connected).on("changed", changed).on("lost", lost).on("down", down);

  let stopRegistration: () => void = () => undefined;
  const appeared = (part: string) => {
    if (part === "packetData") tellMissingApn(modem, log);
    if (part !== "registration" || !modem.registration) return;
    stopRegistration();
    stopRegistration = followRegistration(modem.registration, log);
  };
  modem.parts.on("added", appeared);
  appeared("registration");
  return () => {
    stopRegistration();
    modem.parts.off("added", appeared);
    modem.bearerEvents.off("up", connected).off("changed", changed).off("lost", lost).off("down", down);
  };
}

/** The most common reason why ConnMan shows nothing, and oFono never says it. */
function tellMissingApn({ packetData }: LiveModem, log: Log): void {
  const internet = packetData?.contexts.filter(({ state }) => state.type === "internet") ?? [];
  // Where it is a guess the modem is asked first, and then it is told there.
  if (internet.some(({ state }) => state.apn !== "" || state.origin.source === "network")) return;
  log.notice(noApnKnown);
}

function followRegistration({ state, events }: NonNullable<LiveModem["registration"]>, log: Log): () => void {
  let said = "";
  const tell = (now: RegistrationPartState) => {
    const { status, name, technology, mcc, mnc, cause } = now;
    const network = mcc === undefined || mnc === undefined ? undefined : `${mcc}${mnc}`;
    const line = [status, network, technology, cause && causeText(cause)].join(" ");
    if (line === said) return;
    said = line;
    log.info(`network registration: ${status}`, {
      operator: name === "" ? undefined : name,
      network,
      technology,
      cause: cause && causeText(cause),
    });
  };
  tell(state);
  events.on("changed", tell);
  return () => {
    events.off("changed", tell);
  };
}

const addressesOf = ({ settings, owner }: Bearer): Record<string, string | undefined> => ({
  ipv4: ipv4Of(settings),
  ipv6: settings.ipv6?.address,
  // Who puts them on the interface.
  addresses: owner === "self" ? "by wwand" : "by the client",
});

const ipv4Of = ({ ipv4 }: IpSettings): string | undefined => (ipv4?.method === "static" ? ipv4.address : ipv4?.method);
