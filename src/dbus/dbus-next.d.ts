// The parts of dbus-next 0.10.2 that wwand uses; the package types its public classes only. See README.md for why these.
declare module "dbus-next/lib/handshake.js" {
  import type { Duplex } from "node:stream";

  /** The SASL exchange up to and including BEGIN. */
  function handshake(
    stream: Duplex,
    options: { readonly authMethods: readonly string[] },
    done: (error: Error | null, guid?: string) => void,
  ): void;
  export = handshake;
}

declare module "dbus-next/lib/signature.js" {
  interface TypeTree {
    readonly type: string;
    readonly child: readonly TypeTree[];
  }
  export function parseSignature(signature: string): readonly TypeTree[];
  export function collapseSignature(tree: TypeTree): string;
}

declare module "dbus-next/lib/dbus-buffer.js" {
  import type { TypeTree } from "dbus-next/lib/signature.js";

  class DBusBuffer {
    /** `fds`: descriptors received with the message. */
    constructor(
      buffer: Buffer,
      startPos: number,
      endian: number,
      fds: { readonly length: number } | null,
      options: { readonly ayBuffer: boolean },
    );
    readonly buffer: Buffer;
    pos: number;
    /** To a multiple of 2 to the `power`. */
    align(power: number): void;
    /** One byte, unsigned. */
    readInt8(): number;
    readString(length: number): string;
    readArray(element: TypeTree, bytes: number): unknown;
    /** Structs and dictionary entries as arrays, dictionaries as lists of entries, a variant as [trees, values]. */
    read(signature: string): unknown[];
  }
  export = DBusBuffer;
}
