import { addon } from "./addon.js";
import type { Fd } from "./fd.js";

export interface TunOptions {
  /** Several descriptors share one device (IFF_MULTI_QUEUE). */
  readonly multiQueue?: boolean;
}

/**
 * Makes, or attaches to, a TUN device without packet information header, in the calling thread's network namespace:
 * one read or write is one IP packet. Non-blocking. The device is gone when its last descriptor is closed.
 * `name` may be `wwan%d`, the result says what the kernel made of it.
 * @throws NativeError EPERM without CAP_NET_ADMIN, EBUSY when the name is in use
 */
export const openTun = (name: string, options: TunOptions = {}): { readonly fd: Fd; readonly name: string } =>
  addon().openTun(name, options.multiQueue ?? false);

/**
 * A pseudo terminal in raw mode: `fd` is the master, non-blocking; `path` (`/dev/pts/3`) is what others open.
 * The master reads EIO when the last opener of `path` closed it, and again at each poll until someone opens it anew;
 * hold `path` open yourself to be spared that.
 */
export const openPty = (): { readonly fd: Fd; readonly path: string } => addon().openPty();

export interface TtyOptions {
  /** Bits per second; one of the rates that termios(3) names. */
  readonly baudRate: number;
  /** RTS/CTS. Default false. */
  readonly hardwareFlowControl?: boolean;
  /** CLOCAL: carrier detect is ignored. Default true: a modem's control port has no carrier before a data call. */
  readonly ignoreModemLines?: boolean;
}

/** Raw mode, 8N1, the given speed; input that waited is kept. @throws RangeError for a rate termios does not know */
export const configureTty = (fd: Fd, options: TtyOptions): void =>
  addon().configureTty(fd, options.baudRate, options.hardwareFlowControl ?? false, options.ignoreModemLines ?? true);

/** The output speed in bits per second; 0 for a speed termios has no name for. */
export const ttyBaudRate = (fd: Fd): number => addon().ttyBaudRate(fd);

export interface ModemLines {
  readonly dtr: boolean;
  readonly rts: boolean;
  readonly cts: boolean;
  readonly dsr: boolean;
  readonly dcd: boolean;
  readonly ri: boolean;
}

/** @throws NativeError ENOTTY where the device has no such lines (pty) */
export const modemLines = (fd: Fd): ModemLines => addon().modemLines(fd);

/** Raises or drops the lines that are named, leaves the others. */
export const setModemLines = (fd: Fd, lines: { readonly dtr?: boolean; readonly rts?: boolean }): void =>
  addon().setModemLines(fd, lines.dtr, lines.rts);

/** Discards what was received and not read (`input`), written and not sent (`output`), or both. */
export const flushTty = (fd: Fd, queue: "input" | "output" | "both"): void => addon().flushTty(fd, queue);

/** HUPCL: whether the last close drops DTR, which hangs up. On after `configureTty`. */
export const setTtyHangup = (fd: Fd, hangup: boolean): void => addon().setTtyHangup(fd, hangup);

/** TIOCEXCL: further open(2) calls without CAP_SYS_ADMIN fail with EBUSY. */
export const setTtyExclusive = (fd: Fd, exclusive: boolean): void => addon().setTtyExclusive(fd, exclusive);

/** The largest message a cdc-wdm device takes, in bytes. @see IOCTL_WDM_MAX_COMMAND in linux/usb/cdc-wdm.h */
export const wdmMaxCommandBytes = (fd: Fd): number => addon().wdmMaxCommandBytes(fd);
