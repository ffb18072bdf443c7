/** Every message and indication that this program knows, found by what stands in a frame. */
import type { Indication, Message } from "../message.js";
import { services } from "../services.js";
import * as ctl from "./ctl.js";
import * as dms from "./dms.js";
import * as nas from "./nas.js";
import * as nasCells from "./nas-cells.js";
import * as nasSelection from "./nas-selection.js";
import * as nasSignal from "./nas-signal.js";
import * as nasSystem from "./nas-system.js";
import * as uim from "./uim.js";
import * as uimChannels from "./uim-channels.js";
import * as uimRefresh from "./uim-refresh.js";
import * as uimSlots from "./uim-slots.js";
import * as voice from "./voice.js";
import * as wda from "./wda.js";
import * as wds from "./wds.js";
import * as wdsProfiles from "./wds-profiles.js";
import * as wms from "./wms.js";

const isRow = (value: unknown): value is Message | Indication =>
  typeof value === "object" && value !== null && "service" in value && "id" in value && "name" in value;

const rows = [
  ctl,
  dms,
  nas,
  nasCells,
  nasSelection,
  nasSignal,
  nasSystem,
  uim,
  uimChannels,
  uimRefresh,
  uimSlots,
  voice,
  wda,
  wds,
  wdsProfiles,
  wms,
]
  .flatMap((module) => Object.values<unknown>(module))
  .filter(isRow);

/** All rows of the tables. */
export const messages: readonly Message[] = rows.filter((row): row is Message => "request" in row);
export const indications: readonly Indication[] = rows.filter((row): row is Indication => "indication" in row);

const keyOf = (service: number, id: number): string => `${service}/${id}`;
const byKey = <Row extends Message | Indication>(all: readonly Row[]): ReadonlyMap<string, Row> =>
  new Map(all.map((row) => [keyOf(services[row.service], row.id), row]));

const messageByKey = byKey(messages);
const indicationByKey = byKey(indications);

export const findMessage = (service: number, id: number): Message | undefined => messageByKey.get(keyOf(service, id));
export const findIndication = (service: number, id: number): Indication | undefined =>
  indicationByKey.get(keyOf(service, id));
