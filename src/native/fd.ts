import { addon } from "./addon.js";

/**
 * An open file descriptor, close-on-exec. Who opened it closes it: by `closeFd`, or by giving it to an FdChannel,
 * a DatagramChannel or a `net.Socket({ fd })`, which own it from then on.
 */
export type Fd = number;

/** What every failing call of this folder throws: shaped like Node's own system errors. */
export interface NativeError extends Error {
  /** `ENODEV` */
  readonly code: string;
  /** Negative, as in Node's own errors: -19. */
  readonly errno: number;
  /** `ioctl TUNSETIFF` */
  readonly syscall: string;
}

export const isNativeError = (error: unknown): error is NativeError =>
  error instanceof Error && "code" in error && "errno" in error && "syscall" in error;

/** Closes a descriptor, also one that is being polled (its channel falls silent). @throws NativeError EBADF */
export const closeFd = (fd: Fd): void => addon().closeFd(fd);

/**
 * One write(2). Returns the bytes the kernel took, or -1 when it has no room now (EAGAIN).
 * @throws NativeError
 */
export const writeFd = (fd: Fd, bytes: Uint8Array): number => addon().writeFd(fd, bytes);

/**
 * An anonymous pipe. Node's own are sockets, which `/dev/fd/N` cannot open, and which have no end of file for a reader that
 * opens them so. @throws NativeError EMFILE
 */
export const openPipe = (): { readonly readFd: Fd; readonly writeFd: Fd } => addon().openPipe();

/** A system error as the failing calls throw it, from a positive errno that came as data (SO_ERROR, a netlink reply). */
export const systemError = (errno: number, syscall: string): NativeError => addon().systemError(errno, syscall);
