/** Slots and the card in each. @see learn.microsoft.com, "MB multi-SIM operations" */
import type { MbimClient } from "../../mbim/client.js";
import type { ResponseOf } from "../../mbim/command.js";
import { subscriberReadyStatus } from "../../mbim/services/basic-connect.js";
import { deviceSlotMappings, slotInfoStatus, sysCaps } from "../../mbim/services/ms-basic-connect-extensions.js";
import type { SimSlotsPort } from "../../modem/card-ports.js";
import type { SimSlot } from "../../modem/types.js";
import { ModemError } from "../../runtime/error.js";
import { unlessRefused } from "./agreed.js";

type SlotState = ResponseOf<typeof slotInfoStatus>["state"];

const cards: Readonly<Partial<Record<SlotState, SimSlot["card"]>>> = {
  offEmpty: "absent",
  empty: "absent",
  // Without power it is not known what the card is, but that it is there.
  off: "present",
  notReady: "present",
  active: "present",
  activeEsim: "present",
  activeEsimNoProfiles: "present",
  error: "failed",
};

const slotOf = (index: number, state: SlotState, active: boolean, iccid: string): SimSlot => ({
  number: index + 1,
  active,
  card: cards[state] ?? "unknown",
  ...(active && iccid !== "" ? { iccid } : {}),
  ...(state === "activeEsim" || state === "activeEsimNoProfiles" ? { isEuicc: true } : {}),
});

/** A device with several modems in it is driven as its first one. */
export class MbimSlots implements SimSlotsPort {
  constructor(private readonly client: MbimClient) {}

  async read(signal: AbortSignal): Promise<readonly SimSlot[]> {
    const { slots } = await this.client.query(sysCaps, {}, signal);
    const { maps } = await this.client.query(deviceSlotMappings, {}, signal);
    const ready = await unlessRefused(this.client.query(subscriberReadyStatus, {}, signal));
    const found: SimSlot[] = [];
    for (let slotIndex = 0; slotIndex < slots; slotIndex++) {
      const { state } = await this.client.query(slotInfoStatus, { slotIndex }, signal);
      found.push(slotOf(slotIndex, state, maps[0]?.slot === slotIndex, ready?.simIccId ?? ""));
    }
    return found;
  }

  async activate(number: number, signal: AbortSignal): Promise<void> {
    const { slots } = await this.client.query(sysCaps, {}, signal);
    if (number < 1 || number > slots) throw new ModemError("invalid", `there is no slot ${number} of ${slots}`);
    const { maps } = await this.client.query(deviceSlotMappings, {}, signal);
    if (maps[0]?.slot === number - 1) return;
    await this.client.set(deviceSlotMappings, { maps: [{ slot: number - 1 }, ...maps.slice(1)] }, signal);
  }
}
