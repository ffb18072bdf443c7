/** The wire between wwand and its modem: bytes pass in both directions, and the modem's word that a session has ended is timed. */
import { EventEmitter, once } from "node:events";
import { rename } from "node:fs/promises";
import { connect as connectTo, createServer, type Server, type Socket } from "node:net";
import { FrameStream } from "../../src/codec/frame-stream.js";
import { decodeStruct } from "../../src/codec/struct.js";
import { decodeMessage } from "../../src/mbim/frame.js";
import { connect } from "../../src/mbim/services/basic-connect.js";
import { judgeMbim } from "../../src/mbim/stream.js";
import { monotonicMs } from "../clock.js";

export class ModemWire {
  readonly #events = new EventEmitter<{ ended: [atMs: number] }>();
  readonly #sockets = new Set<Socket>();

  /** A modem listens at `path`; from now on whoever connects there reaches it through this wire. */
  static async open(path: string): Promise<ModemWire> {
    // A listening socket goes with its file.
    const modemPath = `${path}.modem`;
    await rename(path, modemPath);
    const server = createServer();
    const wire = new ModemWire(server, modemPath);
    server.listen(path);
    await once(server, "listening");
    return wire;
  }

  private constructor(
    private readonly server: Server,
    private readonly modemPath: string,
  ) {
    server.on("connection", (host) => this.#join(host));
  }

  /** The moment (`monotonicMs`) at which the modem next says that a session has ended, just before wwand can read it. */
  sessionEnded(): Promise<number> {
    return new Promise((resolve) => this.#events.once("ended", resolve));
  }

  /** Idempotent. */
  close(): void {
    this.server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #join(host: Socket): void {
    const modem = connectTo(this.modemPath);
    const frames = new FrameStream(judgeMbim);
    const ends = [host, modem];
    for (const end of ends) {
      this.#sockets.add(end);
      end.on("error", () => end.destroy());
      end.on("close", () => {
        this.#sockets.delete(end);
        for (const other of ends) other.destroy();
      });
    }
    host.on("data", (bytes: Buffer) => void modem.write(bytes));
    modem.on("data", (bytes: Buffer) => {
      const atMs = monotonicMs();
      host.write(bytes);
      if (frames.feed(bytes).some(isSessionEnd)) this.#events.emit("ended", atMs);
    });
  }
}

/** Indications are never in fragments here: a CONNECT one has 60 bytes. @see MBIM 1.0 10.5.12 */
function isSessionEnd(frame: Buffer): boolean {
  const message = decodeMessage(frame);
  if (message.type !== "indicateStatus" || message.service !== connect.service || message.cid !== connect.cid)
    return false;
  return decodeStruct(connect.notify, message.payload).activationState === "deactivated";
}
