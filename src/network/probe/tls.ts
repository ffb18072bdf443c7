/** TLS handshakes over the uplink. @see RFC 8446 */
import { readFile } from "node:fs/promises";
import { isIP, type Socket } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import type { Trust } from "../policy/types.js";
import type { Via } from "./ask.js";
import { overTcp } from "./tcp.js";

interface Peer extends Trust {
  readonly host: string;
  readonly port: number;
}

/** A completed handshake with a certificate that is the host's is the answer. */
export function handshake(peer: Peer, address: string, via: Via, signal: AbortSignal): Promise<object> {
  return overTcp(address, peer.port, via, signal, async (socket) => {
    await secured(socket, peer);
    return {};
  });
}

/** Rejects when the handshake fails or the certificate is not the host's, in words that begin with `TLS: `. */
export async function secured(socket: Socket, { host, verify, caFile }: Peer): Promise<TLSSocket> {
  const ca = caFile === undefined ? undefined : await readFile(caFile);
  return new Promise((resolve, reject) => {
    const secure = connect({
      socket,
      host,
      // An address is no server name (RFC 6066 section 3); it is compared with the certificate all the same.
      ...(isIP(host) === 0 && { servername: host }),
      ...(ca && { ca }),
      // Judged below: the reasons do not all mean that the far end is not there.
      rejectUnauthorized: false,
    });
    const failed = (error?: Error) => reject(new Error(`TLS: ${failureText(error)}`));
    secure.once("secureConnect", () => {
      const fault = verify ? faultOf(secure) : undefined;
      if (fault === undefined) resolve(secure);
      else reject(new Error(`TLS: certificate: ${fault}`));
    });
    secure.on("error", failed);
    secure.once("close", () => failed());
  });
}

/**
 * A clock that was never set is before every certificate: its verdict would be about this machine and not about the uplink.
 * Nothing is entrusted to this connection.
 */
const ownFaults: readonly string[] = ["CERT_NOT_YET_VALID"];

/** OpenSSL's and Node's names in words; what is not here keeps its name. */
const faultWords: Readonly<Record<string, string>> = {
  ERR_TLS_CERT_ALTNAME_INVALID: "of another host",
  CERT_HAS_EXPIRED: "expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "signed by itself",
  SELF_SIGNED_CERT_IN_CHAIN: "of an unknown authority",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "of an unknown authority",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "of an unknown authority",
};

function faultOf(secure: TLSSocket): string | undefined {
  // Typed as an Error, but it is OpenSSL's name of the fault where the chain is at fault.
  const fault: unknown = secure.authorizationError;
  if (!fault || ownFaults.includes(String(fault))) return undefined;
  return faultWords[String(fault)] ?? String(fault);
}

/** OpenSSL's own reason (`wrong version number`), an errno, or that the far end hung up. */
function failureText(error: (Error & { readonly reason?: unknown; readonly code?: unknown }) | undefined): string {
  if (error === undefined) return "the far end hung up";
  if (typeof error.reason === "string") return error.reason;
  return typeof error.code === "string" ? error.code : error.message;
}
