/** What a function has beyond the necessary, what it shall tell by itself, and which edition of the extensions both speak. */
import type { MbimClient } from "../../mbim/client.js";
import type { Command, ResponseOf } from "../../mbim/command.js";
import * as bc from "../../mbim/services/basic-connect.js";
import { signalStateV2 } from "../../mbim/services/basic-connect-v2.js";
import * as ms from "../../mbim/services/ms-basic-connect-extensions.js";
import { qmiMessage } from "../../mbim/services/qmi.js";
import { smsRead, smsStoreStatus } from "../../mbim/services/sms.js";
import { ussd } from "../../mbim/services/ussd.js";
import { errorText, ModemError } from "../../runtime/error.js";
import type { Log } from "../../runtime/log.js";
import type { SignalCommand } from "./signal.js";

type Row = Pick<Command, "service" | "cid">;
type Services = ResponseOf<typeof bc.deviceServices>["services"];

/** Holds until the next OPEN. */
export interface Agreed {
  has(command: Row): boolean;
  readonly signalState: SignalCommand;
}

/** What the driver wants to hear of. Firmware that knows the CID but not its indication ignores the entry. */
const subscribed: readonly Row[] = [
  bc.subscriberReadyStatus,
  bc.radioState,
  bc.registerState,
  bc.packetService,
  bc.signalState,
  bc.connect,
  bc.ipConfiguration,
  ms.slotInfoStatus,
  ms.locationInfoStatus,
  ms.pco,
  qmiMessage,
  ussd,
  smsRead,
  smsStoreStatus,
];

/** BCD. Later extensions change messages that wwand reads, and tell nothing that it uses; 2.0 tells RSRP and SNR. */
const mbim10 = 0x0100;
const extensions20 = 0x0200;

/**
 * Going without any of it is no reason to go without the modem. Where the function `isShared` with other programs, by
 * mbim-proxy, its edition is theirs as well and stays what it is.
 * @throws ModemError `aborted`, `unplugged`
 */
export async function agree(client: MbimClient, isShared: boolean, log: Log, signal: AbortSignal): Promise<Agreed> {
  const lacking = (what: string) => (error: unknown) => {
    if (!(error instanceof ModemError) || error.code === "aborted" || error.code === "unplugged") throw error;
    log.warning(`the modem ${what}`, { reason: errorText(error) });
    return undefined;
  };
  const told = await client.query(bc.deviceServices, {}, signal).catch(lacking("does not tell its services"));
  const services = told?.services ?? [];
  const has = (command: Row) => offers(services, command);
  const versions = { mbim: mbim10, extensions: extensions20 };
  const [agreed] = await Promise.all([
    has(ms.version) && !isShared
      ? client.query(ms.version, versions, signal).catch(lacking("knows no extensions"))
      : undefined,
    client
      .set(bc.deviceServiceSubscribeList, { entries: entriesFor(services) }, signal)
      .catch(lacking("takes no subscription")),
  ]);
  const hasV2 = (agreed?.extensions ?? 0) >= extensions20;
  return { has, signalState: hasV2 ? signalStateV2 : bc.signalState };
}

const offers = (services: Services, { service, cid }: Row): boolean =>
  services.some((one) => one.service === service && one.cids.includes(cid));

/** One entry for each service. Of Basic Connect all is asked for where the function does not say what it has. */
function entriesFor(services: Services) {
  const isKnown = services.some(({ service }) => service === bc.basicConnectService);
  const wanted = subscribed.filter((row) =>
    row.service === bc.basicConnectService ? !isKnown || offers(services, row) : offers(services, row),
  );
  return [...new Set(wanted.map(({ service }) => service))].map((service) => ({
    service,
    cids: wanted.filter((row) => row.service === service).map(({ cid }) => cid),
  }));
}

/** Many modems refuse a question without a card, without a network, or always: then they know nothing. */
export const unlessRefused = <T>(answer: Promise<T>): Promise<T | undefined> =>
  answer.catch((error: unknown) => {
    if (error instanceof ModemError && error.failure?.domain === "mbim") return undefined;
    throw error;
  });
