/** The card and its application in UIM's structures. Pure. */
import type { ResponseOf } from "../../../qmi/message.js";
import type * as uim from "../../../qmi/services/uim.js";
import { usimAid } from "../../model/card-applications.js";
import type { ModemState } from "../../model/state.js";

const applicationState = {
  pinLocked: "pinRequired",
  pukLocked: "pukRequired",
  blocked: "pinBlocked",
  ready: "ready",
} as const;

const pin1State = (sim: ModemState["sim"]) => {
  if (sim.pukTriesLeft === 0) return "permanentlyBlocked";
  if (sim.pinTriesLeft === 0) return "blocked";
  if (!sim.pinEnabled) return "disabled";
  return sim.slot === "ready" ? "enabledVerified" : "enabledNotVerified";
};

const none = 0xffff;

export function cardStatus({ sim }: ModemState): ResponseOf<typeof uim.getCardStatus> {
  const indexes = { primary1x: none, secondaryGw: none, secondary1x: none } as const;
  const noUpin = { upinState: "notInitialized", upinRetries: 0, upukRetries: 0 } as const;
  if (sim.slot === "empty")
    return {
      cardStatus: {
        primaryGw: none,
        ...indexes,
        cards: [{ state: "absent", ...noUpin, error: "noAtrReceived", applications: [] }],
      },
    };
  const application = {
    type: "usim",
    state: applicationState[sim.slot],
    personalizationState: sim.slot === "ready" ? "ready" : "unknown",
    personalizationFeature: 0,
    personalizationRetries: 0,
    personalizationUnblockRetries: 0,
    aid: usimAid,
    upinReplacesPin1: false,
    pin1State: pin1State(sim),
    pin1Retries: sim.pinTriesLeft,
    puk1Retries: sim.pukTriesLeft,
    pin2State: "notInitialized",
    pin2Retries: 0,
    puk2Retries: 0,
  } as const;
  return {
    cardStatus: {
      primaryGw: 0,
      ...indexes,
      cards: [{ state: "present", ...noUpin, error: "unknown", applications: [application] }],
    },
  };
}
