/** What the network tells of a session beside addresses. @see learn.microsoft.com, "MB Protocol Configuration Options (PCO) operations" */
import { decodeProtocolOptions } from "../../codec/protocol-options.js";
import type { QueryOf } from "../../mbim/command.js";
import type { pco } from "../../mbim/services/ms-basic-connect-extensions.js";
import type { ProtocolOption } from "../../modem/types.js";
import { plmnOfBytes } from "../plmn.js";

/** Every option from here on is an operator's own. */
const firstOperatorId = 0xff00;

export const pcoQuestion = (sessionId: number): QueryOf<typeof pco> => ({ sessionId, type: "complete", octets: [] });

export const protocolOptionsOf = (octets: readonly number[]): readonly ProtocolOption[] =>
  decodeProtocolOptions(Buffer.from(octets)).map(({ id, content }) => {
    const [a = 0xff, b = 0xff, c = 0xff] = content;
    const plmn = id >= firstOperatorId ? plmnOfBytes(a, b, c) : undefined;
    if (plmn === undefined) return { id, content: content.toString("hex") };
    return { id, plmn: plmn.mcc + plmn.mnc, content: content.subarray(3).toString("hex") };
  });
