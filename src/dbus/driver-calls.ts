import type { CallOptions } from "./types.js";

/** The bus daemon's own name, object and interface. @see D-Bus Specification, "Message Bus Messages" */
export const busDriver = "org.freedesktop.DBus";
export const busDriverPath = "/org/freedesktop/DBus";

/** Something that can call; `Bus` is one. Rejects at once while there is no bus. */
export interface CallPath {
  call(
    destination: string,
    path: string,
    iface: string,
    member: string,
    signature: string,
    body: readonly unknown[],
    options?: CallOptions,
  ): Promise<readonly unknown[]>;
}

/** Calls the daemon itself. */
export const callDriver = (
  bus: CallPath,
  member: string,
  signature: string,
  body: readonly unknown[],
): Promise<readonly unknown[]> => bus.call(busDriver, busDriverPath, busDriver, member, signature, body);
