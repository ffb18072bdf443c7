/** What a peer says of itself over PAP and CHAP. Pure but for the challenge. @see RFC 1334 2, RFC 1994 4 */
import { createHash, randomBytes } from "node:crypto";
import type { ControlPacket } from "./control-packet.js";

export interface GivenCredentials {
  readonly auth: "none" | "pap" | "chap";
  readonly username: string;
  /** PAP's; for CHAP only whether a password is the right one can be told. */
  isPassword(password: string): boolean;
}

export const noCredentials: GivenCredentials = {
  auth: "none",
  username: "",
  isPassword: (password) => password === "",
};

/** Authenticate-Request, Ack, Nak; CHAP's Challenge, Response, Success, Failure. */
export const papCodes = { request: 1, ack: 2, nak: 3 } as const;
export const chapCodes = { challenge: 1, response: 2, success: 3, failure: 4 } as const;

/** A text behind its length, and what follows. */
function prefixed(data: Buffer): readonly [text: Buffer, rest: Buffer] | undefined {
  const length = data[0];
  return length === undefined || length + 1 > data.length
    ? undefined
    : [data.subarray(1, length + 1), data.subarray(length + 1)];
}

export function papCredentials({ data }: ControlPacket): GivenCredentials | undefined {
  const user = prefixed(data);
  const secret = user && prefixed(user[1]);
  if (user === undefined || secret === undefined) return undefined;
  return {
    auth: "pap",
    username: user[0].toString("utf8"),
    isPassword: (password) => Buffer.from(password).equals(secret[0]),
  };
}

/** What PAP says with its answers. */
export const papWords = (words: string): Buffer => Buffer.concat([Buffer.from([words.length]), Buffer.from(words)]);

export class Challenge {
  readonly #value = randomBytes(16);
  readonly #id = 1;

  get packet(): ControlPacket {
    const data = Buffer.concat([Buffer.from([this.#value.length]), this.#value, Buffer.from("carrier")]);
    return { code: chapCodes.challenge, id: this.#id, data };
  }

  credentials({ id, data }: ControlPacket): GivenCredentials | undefined {
    const response = prefixed(data);
    if (response === undefined || id !== this.#id) return undefined;
    const hashOf = (password: string) =>
      createHash("md5")
        .update(Buffer.from([id]))
        .update(password)
        .update(this.#value)
        .digest();
    return {
      auth: "chap",
      username: response[1].toString("utf8"),
      isPassword: (password) => hashOf(password).equals(response[0]),
    };
  }
}
