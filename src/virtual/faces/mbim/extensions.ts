/** Microsoft's extensions of Basic Connect: versions, slots, what is asked for at the attach, cells, reset. */
import type { ResponseOf, SetOf } from "../../../mbim/command.js";
import * as ms from "../../../mbim/services/ms-basic-connect-extensions.js";
import { status } from "../../../mbim/status.js";
import type { VirtualProfile } from "../../model/profile.js";
import { cardProfile } from "../../model/sim.js";
import type { ModemState, PdpContext } from "../../model/state.js";
import type { Pdn } from "../../model/words.js";
import { type Answer, ok, type Service, type Serving, serve } from "./answer.js";
import * as describe from "./describe.js";
import * as cells from "./describe-cells.js";
import { statusOf } from "./refusals.js";

/** BCD. */
const mbim10 = 0x0100;
const extensions10 = 0x0100;
const extensions20 = 0x0200;

const slotCount = ({ otherCards }: ModemState): number => 1 + Object.keys(otherCards).length;
export const slotIndexes = (state: ModemState): readonly number[] => [...Array(slotCount(state)).keys()];

export function slotInfo(
  profile: VirtualProfile,
  state: ModemState,
  slotIndex: number,
): ResponseOf<typeof ms.slotInfoStatus> {
  const isActive = slotIndex + 1 === state.activeSlot;
  const card = isActive ? state.sim : state.otherCards[slotIndex + 1];
  if (card === undefined || card.slot === "empty") return { slotIndex, state: isActive ? "empty" : "offEmpty" };
  if (!isActive) return { slotIndex, state: "off" };
  return { slotIndex, state: cardProfile(profile, slotIndex + 1).eid === undefined ? "active" : "activeEsim" };
}

const mappings = ({ activeSlot }: ModemState) => ({ maps: [{ slot: activeSlot - 1 }] });

function setMappings(
  { machine }: Serving,
  { maps }: SetOf<typeof ms.deviceSlotMappings>,
): Answer<typeof ms.deviceSlotMappings> {
  const [first] = maps;
  if (first === undefined || maps.length > 1) return { status: status.invalidParameters };
  const { refusal, state } = machine.send({ type: "switchSlot", slot: first.slot + 1 });
  return refusal === undefined ? ok(mappings(state)) : { status: statusOf(refusal) };
}

const networks = ["home", "partner", "nonPartner"] as const;
const attachCid = 1;

/** The same for every kind of network. */
function attachContexts({ contexts }: ModemState): ResponseOf<typeof ms.lteAttachConfiguration> {
  const context = contexts.find(({ cid }) => cid === attachCid);
  return {
    contexts: networks.map((roaming) => ({
      ipType: context?.pdn ?? "default",
      roaming,
      source: "device",
      accessString: context?.apn ?? "",
      ...describe.noCredentials,
    })),
  };
}

const pdns: Readonly<Record<string, Pdn>> = { ipv4: "ipv4", ipv6: "ipv6" };

function attachContextOf(
  { storedApn }: VirtualProfile,
  { operation, contexts }: SetOf<typeof ms.lteAttachConfiguration>,
): PdpContext | undefined {
  if (operation === "restoreFactory") return { cid: attachCid, pdn: "ipv4v6", apn: storedApn };
  const home = contexts.find(({ roaming }) => roaming === "home");
  if (operation !== "overwrite" || contexts.length !== networks.length || home === undefined) return undefined;
  return { cid: attachCid, pdn: pdns[home.ipType] ?? "ipv4v6", apn: home.accessString };
}

function setAttachContexts(
  { machine }: Serving,
  request: SetOf<typeof ms.lteAttachConfiguration>,
): Answer<typeof ms.lteAttachConfiguration> {
  const context = attachContextOf(machine.profile, request);
  if (context === undefined) return { status: status.invalidParameters };
  return ok(attachContexts(machine.send({ type: "defineContext", ...context }).state));
}

export const extensionServices: readonly Service[] = [
  serve(ms.lteAttachConfiguration, {
    query: ({ machine }) => ok(attachContexts(machine.state)),
    set: setAttachContexts,
  }),
  serve(ms.lteAttachStatus, { query: ({ machine }) => ok(describe.lteAttach(machine.profile, machine.state)) }),
  serve(ms.sysCaps, {
    query: ({ machine: { profile, state } }) =>
      ok({ executors: 1, slots: slotCount(state), concurrency: 1, modemId: BigInt(profile.device.imei) }),
  }),
  serve(ms.deviceCaps, { query: ({ machine }) => ok({ ...describe.deviceCaps(machine.profile), executor: 0 }) }),
  serve(ms.deviceSlotMappings, { query: ({ machine }) => ok(mappings(machine.state)), set: setMappings }),
  serve(ms.slotInfoStatus, {
    query: ({ machine: { profile, state } }, { slotIndex }) =>
      slotIndex < slotCount(state) ? ok(slotInfo(profile, state, slotIndex)) : { status: status.invalidParameters },
  }),
  serve(ms.deviceReset, {
    set: ({ restart }) => {
      restart();
      return ok({});
    },
  }),
  serve(ms.baseStationsInfo, { query: ({ machine }) => ok(cells.baseStations(machine.state)) }),
  serve(ms.locationInfoStatus, { query: ({ machine }) => ok(cells.location(machine.state)) }),
  serve(ms.version, {
    query: ({ conversation }, { extensions }) => {
      // The lower of both; there is nothing between the first and the second.
      conversation.hasV2 = extensions >= extensions20;
      return ok({ mbim: mbim10, extensions: conversation.hasV2 ? extensions20 : extensions10 });
    },
  }),
];
