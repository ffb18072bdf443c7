/** When the kernel told of each port of a modem. */
import { listenUevents } from "../../../src/discovery/uevents.js";

/** Of what a port is an object; its parents (usb, usb-serial) come before. */
const portSubsystems: ReadonlySet<string> = new Set(["tty", "usbmisc", "net", "wwan"]);

export class PortEar {
  #moments: number[] = [];
  #failure: Error | undefined;
  readonly #socket = listenUevents({
    event: ({ action, path, subsystem }) => {
      const isPort = action === "add" && portSubsystems.has(subsystem) && path.includes("/vhci_hcd");
      if (isPort) this.#moments.push(performance.now());
    },
    lost: (cause) => {
      this.#failure = cause ?? new Error("uevents were lost");
    },
  });

  /** Before a modem is plugged in. */
  forget(): void {
    this.#moments = [];
  }

  /** The moment (`performance.now()`) of the last of so many ports. @throws when there were others, or some were missed */
  last(ports: number): number {
    if (this.#failure !== undefined) throw this.#failure;
    const last = this.#moments.at(-1);
    if (last === undefined || this.#moments.length !== ports)
      throw new Error(`${this.#moments.length} ports were told of, ${ports} were expected`);
    return last;
  }

  close(): void {
    this.#socket.close();
  }
}
