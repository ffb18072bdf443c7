/** The addon's typed face: everything of Linux that Node does not offer. Channels over descriptors are in channel.ts. */

export {
  type ChannelListener,
  type ChannelOptions,
  connectTcp,
  DatagramChannel,
  type DatagramListener,
  FdChannel,
} from "./channel.js";
export type { ModemLines, TtyOptions, TunOptions } from "./devices.js";
export {
  configureTty,
  flushTty,
  modemLines,
  openPty,
  openTun,
  setModemLines,
  setTtyExclusive,
  setTtyHangup,
  ttyBaudRate,
  wdmMaxCommandBytes,
} from "./devices.js";
export type { Fd, NativeError } from "./fd.js";
export { closeFd, isNativeError, openPipe, systemError, writeFd } from "./fd.js";
export { deviceHolder, exchangeFiles, readFiles } from "./files.js";
export type { Netns } from "./netns.js";
export { createNetns, inNetns } from "./netns.js";
export * from "./sockets.js";
