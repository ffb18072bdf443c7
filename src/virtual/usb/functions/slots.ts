/** From what a composition says to what stands behind its interfaces: one row per kind of function. */
import type { Composition, FunctionDescription } from "../description/composition.js";
import type { FunctionalDescription } from "../description/types.js";
import type { Slot } from "../device/device.js";
import type { FunctionContext } from "./context.js";
import { EcmFunction } from "./ecm.js";
import { openHuaweiNcm } from "./huawei-ncm.js";
import { openMbim } from "./mbim.js";
import { openQmi } from "./qmi.js";
import type { Recorder } from "./recorder.js";
import { openRecorder } from "./recorder.js";
import { RndisFunction } from "./rndis.js";
import { SerialFunction } from "./serial.js";
import { StorageFunction } from "./storage.js";

/** Serial ports choose nothing about packets. */
const noDataLink = { linkProtocol: "raw-ip", setLinkProtocol: () => false } as const;

const defaultSegmentBytes = 2048;

export interface SlotOptions {
  readonly context: FunctionContext;
  /** Hears of each recording port as it opens. */
  recording(interfaceNumber: number, recorder: Recorder): void;
}

export const slotsOf = (composition: Composition, options: SlotOptions): readonly Slot[] =>
  composition.functions.map((described) => slotOf(described, composition, options));

function slotOf(described: FunctionDescription, composition: Composition, options: SlotOptions): Slot {
  const { context } = options;
  switch (described.kind) {
    case "mbim":
      return {
        interfaces: [described.control, described.data],
        open: (pipes) =>
          openMbim({ control: described.control, ...mbimSizes(composition, described.control) }, context, pipes),
      };
    case "qmi": {
      const { maxControlBytes } = context.profile.device;
      return {
        interfaces: [described.interface],
        open: (pipes) => openQmi({ interface: described.interface, maxControlBytes }, context, pipes),
      };
    }
    case "serial":
      return {
        interfaces: [described.interface],
        open: (pipes) =>
          new SerialFunction(described.interface, pipes, (line) =>
            context.openFace(described.face, line, noDataLink, described.interface),
          ),
      };
    case "acm":
      return acmSlot(described, options);
    case "ecm":
      return {
        interfaces: [described.control, described.data],
        open: (pipes) => new EcmFunction(described, context, pipes),
      };
    case "rndis":
      return {
        interfaces: [described.control, described.data],
        open: (pipes) => new RndisFunction(described, context, pipes),
      };
    case "huaweiNcm":
      return { interfaces: [described.interface], open: (pipes) => openHuaweiNcm(described, context, pipes) };
    case "storage":
      return {
        interfaces: [described.interface],
        open: (pipes) => new StorageFunction(described.label, context, pipes),
      };
  }
}

function acmSlot(described: FunctionDescription & { kind: "acm" }, { context, recording }: SlotOptions): Slot {
  const { control, data, face } = described;
  return {
    interfaces: [control, data],
    open: (pipes) =>
      new SerialFunction(control, pipes, (line) => {
        if (face !== "recorder") return context.openFace(face, line, noDataLink, control);
        const recorder = openRecorder();
        recording(control, recorder);
        return recorder;
      }),
  };
}

/** What the functional descriptor promises. */
function mbimSizes({ device }: Composition, control: number) {
  const functional = device.interfaces.find(({ number }) => number === control)?.alternates[0]?.functional ?? [];
  const isMbim = (it: FunctionalDescription) => it.kind === "mbim";
  const mbim = functional.find(isMbim);
  return {
    maxControlBytes: mbim?.maxControlBytes ?? 512,
    maxSegmentBytes: mbim?.maxSegmentBytes ?? defaultSegmentBytes,
  };
}
