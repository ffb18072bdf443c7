/** The kernel's own hotplug messages, heard without udevd. @see Documentation/ABI/testing/sysfs-uevent, lib/kobject_uevent.c */
import { DatagramChannel, type NativeError, openNetlink } from "../native/index.js";

const netlinkKobjectUevent = 15;
/** What the kernel sends; group 2 is udevd's repetition. */
const kernelGroup = 1;
/** At boot the kernel tells thousands of devices within a second. */
const bufferBytes = 4 << 20;
/** @see UEVENT_BUFFER_SIZE in linux/kobject.h, and the header */
const maxMessageBytes = 8192;

export interface Uevent {
  /** `add`, `remove`, `change`, `bind`, `unbind`, `move`. */
  readonly action: string;
  /** Below /sys. */
  readonly path: string;
  readonly subsystem: string;
}

/** `ACTION@DEVPATH`, then `KEY=value`, each ended by NUL; undefined for what is none. */
export function parseUevent(bytes: Buffer): Uevent | undefined {
  const [header = "", ...pairs] = bytes.toString("utf8").split("\0");
  const [, action, path] = /^([a-z]+)@(\/.*)$/.exec(header) ?? [];
  if (action === undefined || path === undefined) return undefined;
  const subsystem = pairs.find((pair) => pair.startsWith("SUBSYSTEM="))?.slice("SUBSYSTEM=".length) ?? "";
  return { action, path, subsystem };
}

export interface UeventListener {
  event(event: Uevent): void;
  /** Messages were lost, or none come any more: only looking tells. */
  lost(cause: NativeError | undefined): void;
}

/** Listens until closed. @throws NativeError where there is no such socket (a kernel without CONFIG_NET) */
export function listenUevents(listener: UeventListener): { close(): void } {
  const { fd } = openNetlink({
    protocol: netlinkKobjectUevent,
    groups: [kernelGroup],
    receiveBufferBytes: bufferBytes,
  });
  return new DatagramChannel(
    fd,
    { maxMessageBytes },
    {
      onDatagrams: (datagrams) => {
        for (const { data, source } of datagrams) {
          // Port 0 is the kernel: another process's message is no fact.
          const event = source?.family === "netlink" && source.portId === 0 ? parseUevent(data) : undefined;
          if (event) listener.event(event);
        }
      },
      onTrouble: (error) => listener.lost(error),
      onEnd: (error) => listener.lost(error),
    },
  );
}
