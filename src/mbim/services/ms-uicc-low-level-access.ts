/**
 * Logical channels to the card, for eSIM tools and files that MBIM has no CID for.
 * @see learn.microsoft.com, "MB low level UICC access"
 */
import { countOf, pairsTo, restOfBytes, sizedBytes, sizedOpaque } from "../../codec/reference.js";
import { enumOf, u32 } from "../../codec/scalar.js";
import { structure } from "../../codec/struct.js";
import { type Command, empty } from "../command.js";

export const msUiccLowLevelAccessService = "c2f6588e-f037-4bc9-8665-f4d44bd09367";

const service = msUiccLowLevelAccessService;

export const uiccAtr = {
  service,
  cid: 1,
  name: "MS_UICC_ATR",
  query: empty,
  response: { atr: sizedBytes },
} as const satisfies Command;

export const uiccOpenChannel = {
  service,
  cid: 2,
  name: "MS_UICC_OPEN_CHANNEL",
  set: {
    appId: sizedBytes,
    selectP2: u32,
    /** Any number of the host's; a channel is closed by it as well. */
    channelGroup: u32,
  },
  response: {
    /** SW1 in the lowest byte, SW2 in the next. */
    status: u32,
    channel: u32,
    response: sizedBytes,
  },
  timeoutMs: { set: 30_000 },
} as const satisfies Command;

export const uiccCloseChannel = {
  service,
  cid: 3,
  name: "MS_UICC_CLOSE_CHANNEL",
  /** Channel 0: all of the group. */
  set: { channel: u32, channelGroup: u32 },
  response: { status: u32 },
} as const satisfies Command;

export const uiccApdu = {
  service,
  cid: 4,
  name: "MS_UICC_APDU",
  set: {
    channel: u32,
    secureMessaging: enumOf({ none: 0, noHeaderAuthentication: 1 }),
    /** How the function writes the channel into the class byte. */
    classByteType: enumOf({ interIndustry: 0, extended: 1 }),
    command: sizedOpaque,
  },
  response: { status: u32, response: sizedOpaque },
  timeoutMs: { set: 60_000 },
} as const satisfies Command;

/** TLVs that the function tells the card of its terminal. @see ETSI TS 102 221 11.1.19.2 */
const terminalCapabilities = {
  capabilityCount: countOf("capabilities"),
  capabilities: pairsTo(structure({ objects: restOfBytes })),
} as const;

export const uiccTerminalCapability = {
  service,
  cid: 5,
  name: "MS_UICC_TERMINAL_CAPABILITY",
  query: empty,
  set: terminalCapabilities,
  response: terminalCapabilities,
} as const satisfies Command;
