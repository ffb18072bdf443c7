/** Slots, logical channels and the list of forbidden networks, over UIM. */
import type { CardChannelsPort, ForbiddenNetworksPort, SimSlotsPort } from "../../modem/card-ports.js";
import type { SimSlot } from "../../modem/types.js";
import type { IndicationOf, ResponseOf } from "../../qmi/message.js";
import { qmiError, qmiErrors } from "../../qmi/result.js";
import type { QmiService } from "../../qmi/service.js";
import { readTransparent, writeTransparent } from "../../qmi/services/uim.js";
import * as channels from "../../qmi/services/uim-channels.js";
import * as uim from "../../qmi/services/uim-slots.js";
import { ModemError } from "../../runtime/error.js";
import { onChannel } from "../apdu.js";
import { plmnsOf } from "../plmn.js";
import { eidOf, iccidOf } from "./card-files.js";
import { applicationFolder, session } from "./sim.js";

type SlotStatus = ResponseOf<typeof uim.getSlotStatus> & IndicationOf<typeof uim.slotStatusChanged>;

export function slotsOf({ slots = [], information = [], eids = [] }: SlotStatus): readonly SimSlot[] {
  return slots.map(({ card, slot, iccid }, index) => {
    const active = slot === "active";
    const [number, eid] = [iccidOf(iccid), eidOf(eids[index] ?? Buffer.alloc(0))];
    const isEuicc = information[index]?.isEuicc;
    return {
      number: index + 1,
      active,
      card: card === "absent" || card === "present" ? card : "unknown",
      ...(number === undefined ? {} : { iccid: number }),
      ...(isEuicc === undefined ? {} : { isEuicc }),
      ...(eid === undefined ? {} : { eid }),
    };
  });
}

export function simSlotsPort(card: QmiService): SimSlotsPort {
  const read = async (signal: AbortSignal) => slotsOf(await card.ask(uim.getSlotStatus, {}, signal));
  return {
    read,
    activate: async (number, signal) => {
      const slots = await read(signal);
      if (!slots.some((slot) => slot.number === number))
        throw new ModemError("invalid", `this modem has the slots ${slots.map((slot) => slot.number).join(", ")}`);
      const outcome = await card.tryAsk(uim.switchSlot, { logicalSlot: 1, physicalSlot: number }, signal);
      if (outcome.is === "refused" && outcome.error !== qmiErrors.noEffect)
        throw qmiError("UIM SWITCH_SLOT", outcome.error);
    },
  };
}

const forbiddenFile = { id: 0x6f7b, path: applicationFolder };

export function forbiddenNetworksPort(card: QmiService): ForbiddenNetworksPort {
  const read = async (signal: AbortSignal): Promise<Buffer> => {
    const range = { offset: 0, length: 0 };
    const { content } = await card.ask(readTransparent, { session, file: forbiddenFile, range }, signal);
    return content ?? Buffer.alloc(0);
  };
  return {
    read: async (signal) => plmnsOf(await read(signal)),
    clear: async (signal) => {
      const bytes = Buffer.alloc((await read(signal)).length, 0xff);
      await card.ask(writeTransparent, { session, file: forbiddenFile, content: { offset: 0, bytes } }, signal);
    },
  };
}

/** There is one logical slot: that of the card which the modem uses. */
const slot = 1;

export function cardChannelsPort(card: QmiService): CardChannelsPort {
  return {
    open: async (aid, signal) => {
      const { channel, cardResult, selected } = await card.ask(channels.openChannel, { slot, aid }, signal);
      if (channel === undefined) throw new ModemError("protocol", "UIM OPEN_LOGICAL_CHANNEL: no channel is named");
      const words = cardResult === undefined ? [] : [cardResult.sw1, cardResult.sw2];
      return { channel, selected: selected ?? Buffer.from(words) };
    },
    transmit: async (channel, apdu, signal) => {
      const request = { slot, apdu: onChannel(apdu, channel), channel };
      const { answer } = await card.ask(channels.sendApdu, request, signal);
      return answer ?? Buffer.alloc(0);
    },
    close: async (channel, signal) => {
      const outcome = await card.tryAsk(channels.logicalChannel, { slot, channel, terminate: true }, signal);
      const isClosed = outcome.is === "success" || outcome.error === qmiErrors.invalidArgument;
      if (!isClosed) throw qmiError("UIM LOGICAL_CHANNEL", outcome.error);
    },
  };
}
