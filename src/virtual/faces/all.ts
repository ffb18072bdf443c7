/** Every face by the name that profiles use. A protocol that gets a face of its own is a row here. */
import type { FaceName } from "../model/words.js";
import { AtLine } from "./at/line.js";
import { openDiag } from "./diag.js";
import type { OpenFace } from "./face.js";
import { MbimFunction } from "./mbim/function.js";
import { QmiFunction } from "./qmi/function.js";
import { openSilence } from "./silence.js";

export const faces: Readonly<Record<FaceName, OpenFace>> = {
  mbim: (line, context) => new MbimFunction(line, context),
  qmi: (line, context) => new QmiFunction(line, context),
  at: (line, context) => new AtLine(line, context),
  diag: openDiag,
  // NMEA is not spoken here; a real port of the kind is as quiet until it is told to begin.
  nmea: openSilence,
  silent: openSilence,
};
