import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { NativeError } from "./fd.js";
import type { DatagramInfo, SocketAddress } from "./sockets.js";

/** One polled descriptor: it owns `fd` from construction to `close`. Callbacks never run after `close`. */
export interface Poller {
  /** What to wait for. Both false stops the polling; the descriptor stays open. */
  watch(readable: boolean, writable: boolean): void;
  /** Whether this poller keeps the process alive; it does at first. */
  setRef(keepsAlive: boolean): void;
  /** Stops polling and closes the descriptor. Idempotent, safe inside every callback. */
  close(): void;
  /** Stops polling for good and hands the descriptor back, open. @throws Error after `close` */
  release(): number;
}

export interface PollerCallbacks {
  /** `sizes.length` messages lie in `slab` one after another; `infos` only when receiving with `recvmsg`. */
  messages(slab: Buffer, sizes: readonly number[], infos?: readonly DatagramInfo[]): void;
  /** Reading failed (`error`) or ended (undefined). Polling has stopped; `watch` starts it again. */
  readEnded(error: Error | undefined): void;
  writable(): void;
}

/** The functions of wwand.node as C exports them. Everything else in this folder is a typed face of these. */
export interface Addon {
  createPoller(
    fd: number,
    receive: "read" | "recvmsg",
    maxMessageBytes: number,
    maxMessages: number,
    messages: PollerCallbacks["messages"],
    readEnded: PollerCallbacks["readEnded"],
    writable: PollerCallbacks["writable"],
  ): Poller;
  systemError(errno: number, syscall: string): NativeError;
  closeFd(fd: number): void;
  writeFd(fd: number, bytes: Uint8Array): number;
  openPipe(): { readFd: number; writeFd: number };

  readFiles(paths: readonly string[]): Promise<(string | undefined)[]>;
  deviceHolder(device: string): Promise<number | undefined>;
  exchangeFiles(one: string, other: string): void;

  openTun(name: string, multiQueue: boolean): { fd: number; name: string };
  openPty(): { fd: number; path: string };
  configureTty(fd: number, baudRate: number, hardwareFlowControl: boolean, ignoreModemLines: boolean): void;
  ttyBaudRate(fd: number): number;
  modemLines(fd: number): Record<"dtr" | "rts" | "cts" | "dsr" | "dcd" | "ri", boolean>;
  setModemLines(fd: number, dtr: boolean | undefined, rts: boolean | undefined): void;
  flushTty(fd: number, queue: "input" | "output" | "both"): void;
  setTtyExclusive(fd: number, exclusive: boolean): void;
  setTtyHangup(fd: number, hangup: boolean): void;
  wdmMaxCommandBytes(fd: number): number;

  socket(domain: string, type: string, protocol: number): number;
  socketPair(type: string): [number, number];
  bind(fd: number, address: SocketAddress): void;
  /** False while the connection is still being made (EINPROGRESS): wait for writable, then read the option `error`. */
  connect(fd: number, address: SocketAddress): boolean;
  listen(fd: number, backlog: number): void;
  localAddress(fd: number): SocketAddress;
  send(fd: number, bytes: Uint8Array, to: SocketAddress | undefined, fds: readonly number[] | undefined): number;
  setSocketOption(fd: number, option: string, value: number | string | Uint8Array): void;
  getSocketOption(fd: number, option: string): number;

  inNetns(netns: string | number, run: () => unknown): unknown;
  createNetns(): number;
}

let loaded: Addon | undefined;

/** The addon, loaded at first use, so that a program that never touches a device needs no build of it. */
export function addon(): Addon {
  loaded ??= load();
  return loaded;
}

function load(): Addon {
  // A CommonJS bundle has no import.meta.url; there the program's own file is the place to start from.
  const moduleUrl: string | undefined = import.meta.url;
  const start = moduleUrl === undefined ? (process.argv[1] ?? process.cwd()) : fileURLToPath(moduleUrl);
  const file = findUpward(dirname(start));
  if (file === undefined) {
    throw new Error(`build/Release/wwand.node is not in ${dirname(start)} or above: run packaging/setup`);
  }
  try {
    return createRequire(file)(file) as Addon;
  } catch (cause) {
    throw new Error(`${file} does not load into Node ${process.version}: run packaging/setup`, { cause });
  }
}

function findUpward(folder: string): string | undefined {
  const file = join(folder, "build/Release/wwand.node");
  if (existsSync(file)) return file;
  const parent = dirname(folder);
  return parent === folder ? undefined : findUpward(parent);
}
