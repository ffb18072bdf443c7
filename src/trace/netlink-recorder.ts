/** What one netlink socket sends and hears, without the mere looking at things: that is most of it, and decides nothing. */
import type { Direction, TraceSink } from "./entry.js";

/** @see linux/netlink.h struct nlmsghdr: length, type, flags, sequence, port */
const headerBytes = 16;
const typeOf = (bytes: Buffer): number => bytes.readUInt16LE(4);
const sequenceOf = (bytes: Buffer): number => bytes.readUInt32LE(8);

/** RTM_GET* are the third of each group of four. @see linux/rtnetlink.h */
const firstOfRoutes = 16;
const isQuestion = (type: number): boolean => type >= firstOfRoutes && type % 4 === 2;
const isLast = (type: number): boolean => type === 2 || type === 3;

/** One for each socket: sequence numbers are the socket's own. */
export function netlinkRecorder(sink: TraceSink): (direction: Direction, datagram: Buffer) => void {
  const asked = new Set<number>();
  const isLooking = (direction: Direction, bytes: Buffer): boolean => {
    const sequence = sequenceOf(bytes);
    if (direction === ">") {
      if (isQuestion(typeOf(bytes))) asked.add(sequence);
      return asked.has(sequence);
    }
    if (!asked.has(sequence)) return false;
    // Questions go one at a time: an answer to this one ends all before it, also those that were never answered.
    if (isLast(typeOf(bytes))) for (const one of [...asked]) if (one <= sequence) asked.delete(one);
    return true;
  };
  return (direction, bytes) => {
    if (bytes.length < headerBytes || isLooking(direction, bytes)) return;
    // A copy: several datagrams may share one large piece of memory.
    sink.add({ is: "netlink", direction, bytes: Buffer.from(bytes) });
  };
}
