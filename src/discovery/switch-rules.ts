/**
 * usb_modeswitch's database: how a stick that begins as a disc becomes a modem. An administrator's file goes before those
 * of the package, which are files of their own or, with Debian, packed in one archive.
 * @see usb_modeswitch(1), README of usb-modeswitch-data
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { errnoOf } from "../runtime/error.js";

const folders = ["etc/usb_modeswitch.d", "usr/share/usb_modeswitch", "lib/udev/usb_modeswitch.d"] as const;
const pack = "usr/share/usb_modeswitch/configPack.tar.gz";

/**
 * The settings for a device in the words of usb_modeswitch; undefined where nobody has written them down, or where the
 * database is not installed.
 * @param ids `12d1:1f01`
 * @throws RangeError for an archive that is none
 */
export async function switchRule(ids: string, root = "/"): Promise<string | undefined> {
  for (const folder of folders) {
    const found = await readIfThere(join(root, folder, ids));
    if (found !== undefined) return found.toString("utf8");
  }
  const packed = await readIfThere(join(root, pack));
  return packed && fileInTar(await promisify(gunzip)(packed), ids)?.toString("utf8");
}

/** One of the places may be a file, e.g. Debian's helper of udev. */
async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(errnoOf(error) ?? "")) return undefined;
    throw error;
  }
}

const blockBytes = 512;
const nameBytes = 100;
/** Octal digits, ended by NUL or blank. */
const sizeAt = 124;
const sizeBytes = 12;

const fieldOf = (header: Buffer, at: number, length: number): string =>
  header.toString("latin1", at, at + length).replace(/[\0 ].*$/s, "");

/**
 * Undefined: no file of this name.
 * @throws RangeError where a header cannot be read
 * @see POSIX.1-1988, ustar interchange format
 */
export function fileInTar(archive: Buffer, name: string): Buffer | undefined {
  for (let at = 0; at + blockBytes <= archive.length; ) {
    const header = archive.subarray(at, at + blockBytes);
    if (header[0] === 0) return undefined;
    const size = fieldOf(header, sizeAt, sizeBytes);
    if (!/^[0-7]+$/.test(size)) throw new RangeError(`no tar header at byte ${at}`);
    const bytes = Number.parseInt(size, 8);
    const begin = at + blockBytes;
    if (fieldOf(header, 0, nameBytes).replace(/^\.\//, "") === name) {
      if (begin + bytes > archive.length) throw new RangeError(`${name} is cut off`);
      return archive.subarray(begin, begin + bytes);
    }
    at = begin + Math.ceil(bytes / blockBytes) * blockBytes;
  }
  return undefined;
}
