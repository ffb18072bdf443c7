/** The data half of NCM and MBIM functions: transfer blocks, and the requests that size them. @see USB NCM 1.0 6.2 */
import { accepted, type ControlAnswer } from "../device/function.js";
import type { InPipe } from "../device/in-pipe.js";
import type { Setup } from "../device/transfer.js";
import { type Datagrams, NtbBuilder, ntbAlignment, parseNtb } from "./ntb.js";
import { requests } from "./requests.js";

/** Linux takes this size without negotiating it. */
const maxInBytes = 16_384;
const maxOutBytes = 16_384;
const minInBytes = 2_048;
/** Blocks of 16 bits only. */
const formats = 1;

export interface NcmDataOptions {
  readonly pipe: InPipe;
  readonly maxDatagramBytes: number;
  /** A block from the host, already taken apart. */
  received(tables: readonly Datagrams[]): void;
  /** A block from the host that made no sense. */
  nonsense(detail: string): void;
}

export class NcmData {
  #inBytes = maxInBytes;
  #maxDatagramBytes: number;
  #sequence = 0;
  #builder: NtbBuilder | undefined;
  #isScheduled = false;

  constructor(private readonly options: NcmDataOptions) {
    this.#maxDatagramBytes = options.maxDatagramBytes;
  }

  /** One transfer from the host. */
  receive(block: Buffer): void {
    let tables: readonly Datagrams[];
    try {
      tables = parseNtb(block);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.options.nonsense(error.message);
      return;
    }
    this.options.received(tables);
  }

  /** What comes in one turn leaves in as few blocks as possible. False: the host does not read, and it is lost. */
  send(signature: number, head: Buffer, body: Buffer): boolean {
    this.#builder ??= new NtbBuilder(this.#inBytes);
    if (!this.#builder.add(signature, head, body)) {
      if (this.#builder.isEmpty || !this.#flush()) return false;
      this.#builder = new NtbBuilder(this.#inBytes);
      if (!this.#builder.add(signature, head, body)) return false;
    }
    if (!this.#isScheduled) {
      this.#isScheduled = true;
      queueMicrotask(() => {
        this.#isScheduled = false;
        this.#flush();
      });
    }
    return true;
  }

  reset(): void {
    this.#builder = undefined;
    this.#inBytes = maxInBytes;
    this.#maxDatagramBytes = this.options.maxDatagramBytes;
    this.#sequence = 0;
  }

  /** Undefined: no request of this kind. */
  control(setup: Setup, data: Buffer): ControlAnswer | undefined {
    if (setup.type !== "class") return undefined;
    switch (setup.request) {
      case requests.getNtbParameters:
        return ntbParameters;
      case requests.getNtbFormat:
        return u16(0);
      case requests.setNtbFormat:
        return setup.value === 0 ? accepted : "stall";
      case requests.getNtbInputSize:
        return u32(this.#inBytes);
      case requests.setNtbInputSize:
        return this.#setInputSize(data);
      case requests.getMaxDatagramSize:
        return u16(this.#maxDatagramBytes);
      case requests.setMaxDatagramSize:
        return this.#setMaxDatagram(data);
      case requests.getCrcMode:
        return u16(0);
      case requests.setCrcMode:
        // Blocks with checksums are not made here.
        return setup.value === 0 ? accepted : "stall";
      default:
        return undefined;
    }
  }

  #flush(): boolean {
    const builder = this.#builder;
    this.#builder = undefined;
    if (builder === undefined || builder.isEmpty) return true;
    return this.options.pipe.send(builder.finish(this.#sequence++));
  }

  #setInputSize(data: Buffer): ControlAnswer {
    const wanted = data.length < 4 ? 0 : data.readUInt32LE(0);
    if (wanted < minInBytes || wanted > maxInBytes) return "stall";
    this.#inBytes = wanted;
    this.#builder = undefined;
    return accepted;
  }

  #setMaxDatagram(data: Buffer): ControlAnswer {
    if (data.length < 2) return "stall";
    this.#maxDatagramBytes = data.readUInt16LE(0);
    return accepted;
  }
}

const u16 = (value: number): Buffer => Buffer.from([value & 0xff, value >> 8]);

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** @see USB NCM 1.0 table 6-3. Zero datagrams: as many as the host likes. */
const ntbParameters: Buffer = Buffer.concat([
  ...[u16(28), u16(formats)],
  ...[u32(maxInBytes), u16(ntbAlignment), u16(0), u16(ntbAlignment), u16(0)],
  ...[u32(maxOutBytes), u16(ntbAlignment), u16(0), u16(ntbAlignment), u16(0)],
]);
