/** The byte stream of a bus: whole messages, a problem told in them, or an Error that ends the connection. */
import { FrameSplitter } from "../../../src/dbus/frames.js";
import { encodeMessage } from "../../../src/dbus/message.js";
import { parseSignature } from "../../../src/dbus/signature.js";
import { decodeMessage } from "../../../src/dbus/unmarshal.js";
import { ignoring } from "../ignoring.js";

export function fuzz(data: Buffer): void {
  const frames = ignoring(RangeError, () => new FrameSplitter().push(data)) ?? [];
  for (const frame of frames) {
    // Only the daemon writes headers, and it checks them: one that cannot be read ends the connection, whatever the Error.
    const message = ignoring(Error, () => decodeMessage(frame));
    if (message?.body === undefined) continue;
    // What a client sent as a value is sent on in a signal or an answer: it must have a form of ours, or a TypeError.
    ignoring(TypeError, () => {
      parseSignature(message.signature);
      encodeMessage({
        type: "reply",
        flags: 1,
        replySerial: 1,
        signature: message.signature,
        body: message.body ?? [],
      });
    });
  }
}
