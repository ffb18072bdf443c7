/** A qmi_wwan interface and its modem's data function: each by its own rules, and packets pass only where both agree. */
import type { KernelFraming } from "../../src/drivers/qmi/data-path.js";
import type { ChannelLimits, Channels, DataLink, LinkProtocol } from "../../src/virtual/faces/face.js";

const errno = (code: string): Error => Object.assign(new Error(code), { code });

export class FakeQmiWwan implements KernelFraming {
  framing: "raw-ip" | "ethernet" = "ethernet";
  up = false;
  mtu = 1500;
  readonly channels = new Map<number, string>();

  constructor(
    private readonly can: { readonly channels: boolean; readonly largestMtu: number } = {
      channels: true,
      largestMtu: 65_535,
    },
  ) {}

  async setFraming(framing: "raw-ip" | "ethernet"): Promise<void> {
    if (this.up || this.channels.size > 0) throw errno("EBUSY");
    this.framing = framing;
  }

  async canMultiplex(): Promise<boolean> {
    return this.can.channels;
  }

  async usbInterface(): Promise<number> {
    return 4;
  }

  async carryChannels(transferBytes: number): Promise<number> {
    this.up = true;
    if (transferBytes > this.can.largestMtu) return this.mtu;
    this.mtu = transferBytes;
    return transferBytes;
  }

  async addChannel(muxId: number): Promise<string> {
    if (this.framing === "ethernet") throw errno("EINVAL");
    const name = this.channels.get(muxId) ?? `qmimux${this.channels.size}`;
    this.channels.set(muxId, name);
    return name;
  }

  async endChannels(): Promise<void> {
    this.channels.clear();
    this.up = false;
    this.mtu = 1500;
  }

  /** As `ip link` and sysfs would tell it. */
  toString(): string {
    const channels = [...this.channels].map(([muxId, name]) => `${name} mux ${muxId}`);
    return [`wwan0 ${this.framing} mtu ${this.mtu} ${this.up ? "up" : "down"}`, ...channels].join("\n");
  }
}

/** What the modem does with packets, as the host has chosen. */
export class FakeDataLink implements DataLink, Channels {
  linkProtocol: LinkProtocol = "ethernet";
  limits: ChannelLimits | undefined;
  /** Session to channel. */
  readonly bound = new Map<number, number>();
  readonly channels?: Channels;

  constructor(private readonly can: { readonly rawIp?: boolean; readonly channels?: boolean } = {}) {
    if (can.channels !== false) this.channels = this;
  }

  setLinkProtocol(wanted: LinkProtocol): boolean {
    if (wanted === "raw-ip" && this.can.rawIp === false) return false;
    this.linkProtocol = wanted;
    return true;
  }

  set(wanted: ChannelLimits | undefined): void {
    this.limits = wanted && { ...wanted, maxBytes: Math.min(wanted.maxBytes, 8_192) };
  }

  bind(bearerId: number, muxId: number): void {
    this.bound.set(bearerId, muxId);
  }
}
