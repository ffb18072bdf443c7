import { addon } from "./addon.js";

/**
 * The texts of small files (attributes of sysfs: the first 4096 bytes count), in one piece of work of a thread; undefined
 * for each that cannot be read, e.g. because its device goes meanwhile.
 */
export const readFiles = (paths: readonly string[]): Promise<readonly (string | undefined)[]> =>
  addon().readFiles(paths);

/**
 * The first other process that has a descriptor of this device, by its path as the kernel shows it (no symbolic link);
 * undefined where there is none that this process may look at.
 */
export const deviceHolder = (device: string): Promise<number | undefined> => addon().deviceHolder(device);

/**
 * Two files of one file system swap their names in one moment; links are not followed.
 * @throws NativeError ENOENT: one is not there. EINVAL, ENOSYS: file system or kernel cannot. @see renameat2(2), RENAME_EXCHANGE
 */
export const exchangeFiles = (one: string, other: string): void => addon().exchangeFiles(one, other);
