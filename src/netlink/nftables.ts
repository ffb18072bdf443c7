/** The kernel's packet filter as it tells of itself: each transaction that had to do with one table. */
import type { Netns } from "../native/index.js";
import { asBuffer, cString, decodeDatagram, type NetlinkMessage, readAttributes } from "./message.js";
import { netlinkNetfilter, openNetlinkSocket } from "./socket.js";

/** NFNLGRP_NFTABLES, NFNL_SUBSYS_NFTABLES, NFPROTO_INET, NFT_MSG_NEWGEN. @see linux/netfilter/nfnetlink.h, nf_tables.h */
const group = 7;
const subsystem = 10;
const inetFamily = 1;
const newGeneration = (subsystem << 8) | 15;

/** struct nfgenmsg: family, version, resource id. */
const headerBytes = 4;
/** NFTA_TABLE_NAME, NFTA_CHAIN_TABLE, NFTA_RULE_TABLE, ...: whatever it is of, the table's name is the first one. */
const tableAttribute = 1;
const programAttribute = 3;

/** Puts the messages of transactions together: each ends with the number of the new generation and who made it. */
export class TableTransactions {
  #isTouched = false;

  constructor(
    /** In the family `inet`. */
    private readonly table: string,
    private readonly onTouched: (by?: string) => void,
  ) {}

  receive(datagram: Buffer): void {
    try {
      for (const message of decodeDatagram(datagram)) this.#take(message);
    } catch {
      this.lost(); // what cannot be read may have been about the table
    }
  }

  /** Messages are missing. */
  lost(): void {
    this.#isTouched = false;
    this.onTouched();
  }

  #take({ type, data }: NetlinkMessage): void {
    const bytes = asBuffer(data);
    if (type === newGeneration) {
      if (this.#isTouched) this.onTouched(programOf(bytes));
      this.#isTouched = false;
    } else if (type >> 8 === subsystem && bytes.readUInt8(0) === inetFamily)
      this.#isTouched ||= textOf(bytes, tableAttribute) === this.table;
  }
}

/** @throws NativeError, e.g. EPROTONOSUPPORT where the kernel has no netfilter */
export function watchTable(table: string, onTouched: (by?: string) => void, netns?: Netns): () => void {
  const transactions = new TableTransactions(table, onTouched);
  const socket = openNetlinkSocket(
    { protocol: netlinkNetfilter, netns, groups: [group], tap: undefined },
    { datagram: (bytes) => transactions.receive(bytes), lost: () => transactions.lost() },
  );
  return () => socket.close();
}

/** The name of the process, at most 15 bytes. */
const programOf = (bytes: Buffer): string | undefined => textOf(bytes, programAttribute);

function textOf(bytes: Buffer, attribute: number): string | undefined {
  const text = readAttributes(bytes.subarray(headerBytes)).get(attribute);
  return text === undefined ? undefined : cString(text);
}
