import { constants, open } from "node:fs";
import { realpath } from "node:fs/promises";
import { promisify } from "node:util";
import { closeFd, configureTty, type Fd, modemLines, wdmMaxCommandBytes } from "../native/index.js";
import { errnoOf, ModemError } from "../runtime/error.js";
import type { ByteLink, FrameLink } from "../runtime/link.js";
import { byteLinkOver, frameLinkOver, serialLinkOver } from "./channel-link.js";
import { linkError } from "./failure.js";
import { holderText, portHolder } from "./holder.js";

/** Where the driver does not tell wMaxCommand (kernels before 3.13). */
const usualMaxCommandBytes = 4096;

/**
 * Opens a cdc-wdm character device. Two programs on one cdc-wdm take each other's answers without any error, so a port
 * that another process holds is refused.
 * @throws ModemError `busy` with the holder's name, `unplugged` when there is no such device, `denied`
 */
export async function openDevice(path: string): Promise<FrameLink> {
  const fd = await openExclusively(path);
  return ownedBy(fd, path, () => frameLinkOver(fd, path, maxCommandBytes(fd)));
}

/**
 * Opens a serial port or the slave of a pty in raw mode; carrier detect is ignored. `hardwareFlowControl`: RTS/CTS.
 * @throws ModemError as openDevice; `invalid` for a path that is no terminal or a speed that termios has no name for
 */
export async function openTty(path: string, baudRate: number, hardwareFlowControl = false): Promise<ByteLink> {
  const fd = await openExclusively(path);
  return ownedBy(fd, path, () => {
    configureTty(fd, { baudRate, hardwareFlowControl });
    return hasModemLines(fd) ? serialLinkOver(fd, path) : byteLinkOver(fd, path);
  });
}

/** Opens without becoming a controlling terminal, and without waiting for a carrier. In a thread: USB may have to wake up. */
async function openExclusively(path: string): Promise<Fd> {
  const { O_RDWR, O_NOCTTY, O_NONBLOCK } = constants;
  let fd: Fd;
  try {
    fd = await promisify(open)(path, O_RDWR | O_NOCTTY | O_NONBLOCK);
  } catch (error) {
    const busy = errnoOf(error) === "EBUSY" ? await heldError(path) : undefined;
    throw busy ?? linkError(`cannot open ${path}`, error);
  }
  try {
    const busy = await heldError(path);
    if (busy !== undefined) throw busy;
    return fd;
  } catch (error) {
    closeFd(fd);
    throw error;
  }
}

/** `busy` with the name of the other process that has this device open; undefined when we see none. */
async function heldError(path: string): Promise<ModemError | undefined> {
  // The other end of a pty, often the program that made it, may keep it open on purpose.
  if (await isPty(path)) return undefined;
  const holder = await portHolder(path);
  return holder && new ModemError("busy", holderText(holder, path));
}

/** Also true for a device that vanished meanwhile: then nobody holds it. */
const isPty = (path: string): Promise<boolean> =>
  realpath(path).then(
    (device) => device.startsWith("/dev/pts/"),
    () => true,
  );

/** Gives `fd` to the link that `make` returns, and closes it when there is none. */
function ownedBy<T>(fd: Fd, path: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    closeFd(fd);
    if (error instanceof RangeError) throw new ModemError("invalid", error.message, { cause: error });
    throw linkError(`cannot use ${path}`, error);
  }
}

/** A pty has none, nor have some USB ports. */
function hasModemLines(fd: Fd): boolean {
  try {
    modemLines(fd);
    return true;
  } catch (error) {
    if (errnoOf(error) === "ENOTTY" || errnoOf(error) === "EINVAL") return false;
    throw error;
  }
}

function maxCommandBytes(fd: Fd): number {
  try {
    return wdmMaxCommandBytes(fd);
  } catch (error) {
    if (errnoOf(error) !== "ENOTTY") throw error;
    return usualMaxCommandBytes;
  }
}
