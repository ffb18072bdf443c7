/** The rest of a modem, as a test's hands set it. */
import type { ModemControl, OpenedChannel } from "../../../src/modem/control.js";
import type { Cell, Plmn, RadioChoice, RadioSelection, SimSlot, Temperature } from "../../../src/modem/types.js";
import { Script } from "./script.js";

export class FakeControl implements ModemControl {
  readonly script = new Script();
  heard: readonly Cell[] = [
    { generation: "lte", serving: true, mcc: "001", mnc: "01", areaCode: 258, cellId: 1715004, rsrpDbm: -99.5 },
    { generation: "lte", serving: false, physicalCellId: 102, channel: 1300 },
  ];
  selection: RadioSelection = {
    supported: { modes: ["gsm", "lte"], bands: { gsm: [900], lte: [3, 20] } },
    preferred: { modes: ["gsm", "lte"], bands: { gsm: [900], lte: [3, 20] } },
  };
  slots: readonly SimSlot[] = [
    { number: 1, active: true, card: "present", iccid: "89882280666014579837" },
    { number: 2, active: false, card: "present", isEuicc: true, eid: "89001012012341234012345678901224" },
  ];
  preferred: readonly Plmn[] = [
    { mcc: "001", mnc: "01" },
    { mcc: "310", mnc: "410" },
  ];
  forbidden: readonly Plmn[] = [{ mcc: "001", mnc: "02" }];
  satellites: "on" | "off" | "unknown" = "off";
  warm: readonly Temperature[] = [{ sensor: "pmu", celsius: 46.5 }];
  resets = 0;
  readonly compositionCommands: string[] = [];
  /** Who has which channel. */
  readonly channels = new Map<number, string>();

  cells(): Promise<readonly Cell[]> {
    return this.script.run(() => this.heard);
  }

  radioSelection(): Promise<RadioSelection> {
    return this.script.run(() => this.selection);
  }

  preferRadio(wanted: Partial<RadioChoice>): Promise<void> {
    return this.script.run(() => {
      this.selection = { ...this.selection, preferred: { ...this.selection.preferred, ...wanted } };
    });
  }

  simSlots(): Promise<readonly SimSlot[]> {
    return this.script.run(() => this.slots);
  }

  activateSimSlot(number: number): Promise<void> {
    return this.script.run(() => {
      this.slots = this.slots.map((slot) => ({ ...slot, active: slot.number === number }));
    });
  }

  preferredNetworks(): Promise<readonly Plmn[]> {
    return this.script.run(() => this.preferred);
  }

  forbiddenNetworks(): Promise<readonly Plmn[]> {
    return this.script.run(() => this.forbidden);
  }

  clearForbiddenNetworks(): Promise<void> {
    return this.script.run(() => {
      this.forbidden = [];
    });
  }

  gnss(): Promise<"on" | "off" | "unknown"> {
    return this.script.run(() => this.satellites);
  }

  setGnss(on: boolean): Promise<void> {
    return this.script.run(() => {
      this.satellites = on ? "on" : "off";
    });
  }

  temperatures(): Promise<readonly Temperature[]> {
    return this.script.run(() => this.warm);
  }

  changeComposition(commands: readonly string[]): Promise<void> {
    return this.script.run(() => void this.compositionCommands.push(...commands));
  }

  reset(): Promise<void> {
    return this.script.run(() => {
      this.resets += 1;
    });
  }

  openCardChannel(owner: string, aid: Buffer): Promise<OpenedChannel> {
    return this.script.run(() => {
      const channel = this.channels.size + 1;
      this.channels.set(channel, owner);
      return { channel, selected: Buffer.concat([aid, Buffer.from("9000", "hex")]) };
    });
  }

  transmitToCard(_owner: string, _channel: number, apdu: Buffer): Promise<Buffer> {
    return this.script.run(() => apdu);
  }

  closeCardChannel(_owner: string, channel: number): Promise<void> {
    return this.script.run(() => void this.channels.delete(channel));
  }

  closeCardChannelsOf(owner: string): void {
    for (const [channel, of] of this.channels) if (of === owner) this.channels.delete(channel);
  }
}
