/** The kernel's part of USB/IP over TCP: lists, imports, enumerates, talks to endpoints. Knows bytes, not the device. */
import { connect, type Socket } from "node:net";
import { Inbox } from "../../../src/runtime/inbox.js";

export interface Reply {
  readonly command: number;
  readonly seqnum: number;
  readonly status: number;
  readonly data: Buffer;
}

const limitMs = 10_000;

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("error", reject);
    socket.once("connect", () => resolve(socket));
  });
}

function operation(code: number, busId?: string): Buffer {
  const bytes = Buffer.alloc(busId === undefined ? 8 : 40);
  bytes.writeUInt16BE(0x0111, 0);
  bytes.writeUInt16BE(code, 2);
  bytes.write(busId ?? "", 8, "latin1");
  return bytes;
}

/** Everything until the far end closes. */
async function everything(socket: Socket): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of socket) parts.push(part);
  return Buffer.concat(parts);
}

/** `1-1 12d1:1596 ff/03/31,...` for each device that can be imported. */
export async function list(port: number): Promise<readonly string[]> {
  const socket = await connected(port);
  socket.write(operation(0x8005));
  const bytes = await everything(socket);
  const lines: string[] = [];
  for (let at = 12; at < bytes.length; ) {
    const busId = bytes.toString("latin1", at + 256, at + 288).replace(/\0.*$/s, "");
    const count = bytes.readUInt8(at + 311);
    const triples = Array.from({ length: count }, (_, n) => bytes.toString("hex", at + 312 + 4 * n, at + 315 + 4 * n));
    lines.push(
      `${busId} ${bytes.toString("hex", at + 300, at + 302)}:${bytes.toString("hex", at + 302, at + 304)} ${triples}`,
    );
    at += 312 + 4 * count;
  }
  return lines;
}

/** The status of a refused import. */
export async function refusal(port: number, busId: string): Promise<number> {
  const socket = await connected(port);
  socket.write(operation(0x8003, busId));
  return (await everything(socket)).readUInt32BE(4);
}

export class UsbHost {
  readonly #inbox = new Inbox<Reply>();
  readonly #early: Reply[] = [];
  readonly #directions = new Map<number, "in" | "out">();
  /** Resolves when the device is gone. */
  readonly gone: Promise<void>;
  #seqnum = 0;
  #pending = Buffer.alloc(0);

  private constructor(private readonly socket: Socket) {
    socket.on("data", (bytes) => this.#read(bytes));
    this.gone = new Promise((resolve) =>
      socket.once("close", () => {
        this.#inbox.close(new Error("the device is gone"));
        resolve();
      }),
    );
  }

  static async import(port: number, busId: string): Promise<UsbHost> {
    const socket = await connected(port);
    const head = new Promise<Buffer>((resolve) => socket.once("data", resolve));
    socket.write(operation(0x8003, busId));
    const answer = await head;
    if (answer.readUInt32BE(4) !== 0 || answer.length !== 8 + 312)
      throw new Error(`import: ${answer.toString("hex", 0, 8)}`);
    return new UsbHost(socket);
  }

  /** `usbip detach` */
  detach(): void {
    this.socket.end();
  }

  write(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  /** Sends a transfer and answers its number. */
  submit(endpoint: number, length: number, data: Buffer = Buffer.alloc(0), setup: Buffer = Buffer.alloc(8)): number {
    const seqnum = ++this.#seqnum;
    const direction = (endpoint & 0x80) === 0 ? "out" : "in";
    this.#directions.set(seqnum, direction);
    const head = Buffer.alloc(48);
    head.writeUInt32BE(1, 0);
    head.writeUInt32BE(seqnum, 4);
    head.writeUInt32BE(0x00010002, 8);
    head.writeUInt32BE(direction === "in" ? 1 : 0, 12);
    head.writeUInt32BE(endpoint & 0xf, 16);
    head.writeUInt32BE(direction === "in" ? length : data.length, 24);
    head.writeUInt32BE(0xffffffff, 32);
    setup.copy(head, 40);
    this.write(Buffer.concat([head, data]));
    return seqnum;
  }

  unlink(victim: number): number {
    const seqnum = ++this.#seqnum;
    const head = Buffer.alloc(48);
    head.writeUInt32BE(2, 0);
    head.writeUInt32BE(seqnum, 4);
    head.writeUInt32BE(victim, 20);
    this.write(head);
    return seqnum;
  }

  /** The answer to that number, also one that came before it was asked for. */
  reply(seqnum: number): Promise<Reply> {
    const at = this.#early.findIndex((reply) => reply.seqnum === seqnum);
    const [early] = at < 0 ? [] : this.#early.splice(at, 1);
    return early
      ? Promise.resolve(early)
      : this.#inbox.next((reply) => reply.seqnum === seqnum, AbortSignal.timeout(limitMs));
  }

  /** Answers that came and nobody asked for. */
  get unasked(): readonly Reply[] {
    return this.#early;
  }

  async in(endpoint: number, length = 16_384): Promise<Buffer> {
    const { status, data } = await this.reply(this.submit(endpoint, length));
    if (status !== 0) throw new Error(`endpoint ${endpoint.toString(16)}: ${status}`);
    return data;
  }

  async out(endpoint: number, data: Buffer): Promise<void> {
    const { status } = await this.reply(this.submit(endpoint, 0, data));
    if (status !== 0) throw new Error(`endpoint ${endpoint.toString(16)}: ${status}`);
  }

  /** A control transfer: setup in hexadecimal, and the data of an OUT one. The status, or the data of an IN one. */
  async control(setup: string, data: Buffer = Buffer.alloc(0)): Promise<Buffer | number> {
    const bytes = Buffer.from(setup.replaceAll(" ", ""), "hex");
    const isIn = (bytes.readUInt8(0) & 0x80) !== 0;
    bytes.writeUInt16LE(isIn ? bytes.readUInt16LE(6) : data.length, 6);
    const reply = await this.reply(this.submit(isIn ? 0x80 : 0, bytes.readUInt16LE(6), data, bytes));
    return reply.status === 0 && isIn ? reply.data : reply.status;
  }

  /** As the kernel begins: device descriptor, configuration, SET_CONFIGURATION. `vendor:product`. */
  async enumerate(): Promise<string> {
    const device = await this.control("8006 0001 0000 1200");
    const configuration = await this.control("8006 0002 0000 0010");
    const configured = await this.control("0009 0100 0000 0000");
    if (typeof device === "number" || typeof configuration === "number" || configured !== 0)
      throw new Error("the device does not enumerate");
    if (configuration.readUInt16LE(2) !== configuration.length) throw new Error("wTotalLength lies");
    const id = (at: number) => device.readUInt16LE(at).toString(16).padStart(4, "0");
    return `${id(8)}:${id(10)}`;
  }

  #read(bytes: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, bytes]);
    while (this.#pending.length >= 48) {
      const [command, seqnum] = [this.#pending.readUInt32BE(0), this.#pending.readUInt32BE(4)];
      const carries = command === 3 && this.#directions.get(seqnum) === "in";
      const end = 48 + (carries ? this.#pending.readUInt32BE(24) : 0);
      if (this.#pending.length < end) return;
      const status = this.#pending.readInt32BE(20);
      const reply = { command, seqnum, status, data: Buffer.from(this.#pending.subarray(48, end)) };
      this.#pending = this.#pending.subarray(end);
      if (!this.#inbox.deliver(reply)) this.#early.push(reply);
    }
  }
}
