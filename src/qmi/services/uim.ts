/** UIM: the card, its applications, PINs and files. @see ETSI TS 102 221, 3GPP TS 31.102 */
import { enumOf, flag8, flagsOf, u8, u16 } from "../../codec/scalar.js";
import { bytesWith, listWith, secretly, textWith, withheld } from "../../codec/sized.js";
import { nested } from "../../codec/struct.js";
import { may, must } from "../../codec/tlv.js";
import { empty, type Indication, type Message } from "../message.js";

const service = "uim";

export const sessionType = enumOf(
  { primaryGw: 0, primary1x: 1, secondaryGw: 2, secondary1x: 3, cardSlot1: 6, cardSlot2: 7 },
  u8,
);
/** `aid`: the application's identifier; empty with a provisioning session, which has one. */
export const session = must(0x01, nested({ type: sessionType, aid: bytesWith(u8) }));

/** Status words of the card. */
const cardResult = may(0x10, nested({ sw1: u8, sw2: u8 }));

/** An elementary file without structure; `path` is a chain of file ids, little-endian. What is in it may identify somebody. */
export const readTransparent = {
  service,
  id: 0x0020,
  name: "READ_TRANSPARENT",
  request: {
    session,
    file: must(0x02, nested({ id: u16, path: bytesWith(u8) })),
    /** `length` 0: all of it. */
    range: must(0x03, nested({ offset: u16, length: u16 })),
  },
  response: { cardResult, content: may(0x11, withheld(bytesWith(u16))) },
  failure: { cardResult },
} as const satisfies Message;

/** Not in libqmi; the fields as Qualcomm's own interface description names them. */
export const writeTransparent = {
  service,
  id: 0x0022,
  name: "WRITE_TRANSPARENT",
  request: {
    session,
    file: must(0x02, nested({ id: u16, path: bytesWith(u8) })),
    content: must(0x03, nested({ offset: u16, bytes: withheld(bytesWith(u16)) })),
  },
  response: { cardResult },
  failure: { cardResult },
} as const satisfies Message;

const pinId = enumOf({ unknown: 0, pin1: 1, pin2: 2, upin: 3, hiddenKey: 4 }, u8);
const pinText = secretly(textWith(u8));
const retries = may(0x10, nested({ pin: u8, puk: u8 }));

const pinOperation = <const N extends string, R>(id: number, name: N, info: R) =>
  ({
    service,
    id,
    name,
    request: { session, info },
    response: empty,
    failure: { retries },
    timeoutMs: 15_000,
  }) as const;

export const setPinProtection = pinOperation(
  0x0025,
  "SET_PIN_PROTECTION",
  must(0x02, nested({ pinId, enabled: flag8, pin: pinText })),
) satisfies Message;
export const verifyPin = pinOperation(
  0x0026,
  "VERIFY_PIN",
  must(0x02, nested({ pinId, pin: pinText })),
) satisfies Message;
export const unblockPin = pinOperation(
  0x0027,
  "UNBLOCK_PIN",
  must(0x02, nested({ pinId, puk: pinText, newPin: pinText })),
) satisfies Message;
export const changePin = pinOperation(
  0x0028,
  "CHANGE_PIN",
  must(0x02, nested({ pinId, oldPin: pinText, newPin: pinText })),
) satisfies Message;

const pinState = enumOf(
  { notInitialized: 0, enabledNotVerified: 1, enabledVerified: 2, disabled: 3, blocked: 4, permanentlyBlocked: 5 },
  u8,
);

const application = nested({
  type: enumOf({ unknown: 0, sim: 1, usim: 2, ruim: 3, csim: 4, isim: 5 }, u8),
  state: enumOf(
    {
      unknown: 0,
      detected: 1,
      pinRequired: 2,
      pukRequired: 3,
      checkPersonalization: 4,
      pinBlocked: 5,
      illegal: 6,
      ready: 7,
    },
    u8,
  ),
  personalizationState: enumOf(
    { unknown: 0, inProgress: 1, ready: 2, codeRequired: 3, pukRequired: 4, permanentlyBlocked: 5 },
    u8,
  ),
  personalizationFeature: u8,
  personalizationRetries: u8,
  personalizationUnblockRetries: u8,
  aid: bytesWith(u8),
  upinReplacesPin1: flag8,
  pin1State: pinState,
  pin1Retries: u8,
  puk1Retries: u8,
  pin2State: pinState,
  pin2Retries: u8,
  puk2Retries: u8,
});

/** Indexes: card in the high byte, application in the low one; 0xffff is none. */
const cardStatus = may(
  0x10,
  nested({
    primaryGw: u16,
    primary1x: u16,
    secondaryGw: u16,
    secondary1x: u16,
    cards: listWith(
      nested({
        state: enumOf({ absent: 0, present: 1, error: 2 }, u8),
        upinState: pinState,
        upinRetries: u8,
        upukRetries: u8,
        error: enumOf(
          {
            unknown: 0,
            powerDown: 1,
            poll: 2,
            noAtrReceived: 3,
            voltageMismatch: 4,
            parity: 5,
            possiblyRemoved: 6,
            technical: 7,
          },
          u8,
        ),
        applications: listWith(application),
      }),
    ),
  }),
);

export const getCardStatus = {
  service,
  id: 0x002f,
  name: "GET_CARD_STATUS",
  request: empty,
  response: { cardStatus },
} as const satisfies Message;

const events = flagsOf({ cardStatus: 1, sapConnection: 2, extendedCardStatus: 4, physicalSlotStatus: 16 });

export const registerEvents = {
  service,
  id: 0x002e,
  name: "REGISTER_EVENTS",
  request: { events: must(0x01, events) },
  response: { events: may(0x10, events) },
} as const satisfies Message;

export const cardStatusChanged = {
  service,
  id: 0x0032,
  name: "CARD_STATUS",
  indication: { cardStatus },
} as const satisfies Indication;
