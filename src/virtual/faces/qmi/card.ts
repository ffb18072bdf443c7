/** UIM: the card. */
import type { RequestOf } from "../../../qmi/message.js";
import { qmiErrors } from "../../../qmi/result.js";
import * as uim from "../../../qmi/services/uim.js";
import * as refresh from "../../../qmi/services/uim-refresh.js";
import { slotStatusChanged } from "../../../qmi/services/uim-slots.js";
import type { ModemEvent } from "../../model/modem.js";
import { fileNumbered } from "../card-files.js";
import { type Answer, no, ok, type Served, type Serving, serve } from "./answer.js";
import { cardStatus } from "./card-status.js";
import { errorOfRefusal } from "./refusals.js";

type Read = Answer<typeof uim.readTransparent>;

/** Status words of the card. @see ETSI TS 102 221 10.2 */
const words = { ok: { sw1: 0x90, sw2: 0x00 }, notFound: { sw1: 0x6a, sw2: 0x82 }, locked: { sw1: 0x69, sw2: 0x82 } };

function read({ machine }: Serving, { file, range }: RequestOf<typeof uim.readTransparent>): Read {
  const { profile, state } = machine;
  if (state.sim.slot === "empty") return no(qmiErrors.noSim);
  const known = fileNumbered(file.id);
  if (known === undefined) return no(qmiErrors.simFileNotFound, { cardResult: words.notFound });
  if (known.needsPin && state.sim.slot !== "ready") return no(qmiErrors.accessDenied, { cardResult: words.locked });
  const content = known.read(state.sim, profile);
  const end = range.length === 0 ? content.length : range.offset + range.length;
  return ok({ cardResult: words.ok, content: content.subarray(range.offset, end) });
}

type PinAnswer = { readonly values: Record<never, never> } | ReturnType<typeof no<typeof uim.verifyPin>>;

function pinOperation({ machine }: Serving, pinId: string, event: ModemEvent): PinAnswer {
  if (pinId !== "pin1") return no<typeof uim.verifyPin>(qmiErrors.invalidPinId);
  const { refusal, state } = machine.send(event);
  if (refusal === undefined) return { values: {} };
  const retries = { pin: state.sim.pinTriesLeft, puk: state.sim.pukTriesLeft };
  const blocked = refusal.why === "pinWrong" && state.sim.pinTriesLeft === 0;
  return no<typeof uim.verifyPin>(blocked ? qmiErrors.pinBlocked : errorOfRefusal(refusal), { retries });
}

/** Only all of a file at once: that is how the files that hosts may write are written. */
function write(
  { machine }: Serving,
  { file, content }: RequestOf<typeof uim.writeTransparent>,
): Answer<typeof uim.writeTransparent> {
  const { state, profile } = machine;
  if (state.sim.slot === "empty") return no(qmiErrors.noSim);
  const known = fileNumbered(file.id);
  if (known === undefined) return no(qmiErrors.simFileNotFound, { cardResult: words.notFound });
  const isWhole = content.offset === 0 && content.bytes.length === known.read(state.sim, profile).length;
  const event = isWhole ? known.write?.(content.bytes) : undefined;
  if (event === undefined || machine.send(event).refusal !== undefined)
    return no(qmiErrors.accessDenied, { cardResult: words.locked });
  return ok({ cardResult: words.ok });
}

const indicationOfEvent: Readonly<Record<string, string>> = {
  cardStatus: uim.cardStatusChanged.name,
  physicalSlotStatus: slotStatusChanged.name,
};

export const cardMessages: readonly Served[] = [
  serve(uim.getCardStatus, ({ machine }) => ok(cardStatus(machine.state))),
  serve(uim.registerEvents, ({ client }, { events }) => {
    const granted = events.filter((event) => event in indicationOfEvent);
    for (const [event, name] of Object.entries(indicationOfEvent))
      if (granted.some((one) => one === event)) client.wants.add(name);
      else client.wants.delete(name);
    return ok({ events: granted });
  }),
  serve(uim.readTransparent, read),
  serve(uim.writeTransparent, write),
  serve(refresh.registerRefreshAll, ({ client }, { wanted }) => {
    if (wanted) client.wants.add(refresh.refreshed.name);
    else client.wants.delete(refresh.refreshed.name);
    return ok({});
  }),
  serve(refresh.completeRefresh, () => ok({})),
  serve(uim.verifyPin, (serving, { info }) => pinOperation(serving, info.pinId, { type: "enterPin", pin: info.pin })),
  serve(uim.unblockPin, (serving, { info }) =>
    pinOperation(serving, info.pinId, { type: "enterPuk", puk: info.puk, newPin: info.newPin }),
  ),
  serve(uim.changePin, (serving, { info }) =>
    pinOperation(serving, info.pinId, { type: "changePin", pin: info.oldPin, newPin: info.newPin }),
  ),
  serve(uim.setPinProtection, (serving, { info }) =>
    pinOperation(serving, info.pinId, { type: info.enabled ? "enablePin" : "disablePin", pin: info.pin }),
  ),
];
