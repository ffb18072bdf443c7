/** Command APDUs as both protocols pass them to the card. Pure. */
import { ModemError } from "../runtime/error.js";

/** Class, instruction, two parameters. */
const shortestApdu = 4;

/**
 * The channel in the class byte, where cards look for it: firmware that writes it there by itself writes the same.
 * @see ETSI TS 102 221 10.1.1
 */
export function onChannel(apdu: Buffer, channel: number): Buffer {
  const [cla] = apdu;
  if (cla === undefined || apdu.length < shortestApdu)
    throw new ModemError("invalid", `an APDU has at least ${shortestApdu} bytes, not ${apdu.length}`);
  // Channels from 4 on stand in six bits of another form of the byte, which has its own place for secure messaging.
  const stamped = channel < 4 ? (cla & 0xbc) | channel : (cla & 0x80) | 0x40 | (channel - 4);
  return Buffer.concat([Buffer.from([stamped]), apdu.subarray(1)]);
}
