/** How much a host asks: whole messages on a cdc-wdm function, lines on a serial port. */
import type { FaceName } from "../model/words.js";
import type { Face } from "./face.js";

const carriageReturn = 0x0d;
const diagFlag = 0x7e;

/** What ends a request in a stream of bytes; a protocol without a row gets whole messages. */
const endOf: Readonly<Partial<Record<FaceName, number>>> = { at: carriageReturn, nmea: carriageReturn, diag: diagFlag };

/** `face`, telling `asked` of each request before it is answered. Bytes that no end follows are part of the next one. */
export function counted(name: FaceName, face: Face, asked: () => void): Face {
  const end = endOf[name];
  return {
    ...face,
    feed: (bytes) => {
      const requests = end === undefined ? 1 : bytes.filter((byte) => byte === end).length;
      for (let request = 0; request < requests; request++) asked();
      face.feed(bytes);
    },
  };
}
