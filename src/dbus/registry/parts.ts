/**
 * Which interface stands for which part of a modem, on the modem's own path: one row each. A row exports the interface
 * with what belongs to it and says what to tell once clients have heard of it; `undefined` while the modem lacks the part.
 */
import type { Modem, PartName, RegistrationPartState, SimPartState } from "../../modem/api.js";
import type { OfonoName, SignalSource } from "../bind.js";
import { connectionManagerInterface } from "../interfaces/connection-manager.js";
import { networkRegistrationInterface } from "../interfaces/network-registration.js";
import { simManagerInterface } from "../interfaces/sim-manager.js";
import { supplementaryServicesInterface } from "../interfaces/supplementary-services.js";
import { foreignText } from "../interfaces/text.js";
import { ShownContexts } from "./contexts.js";
import { listen } from "./listen.js";
import { showMessages } from "./messages.js";
import { ShownOperators } from "./operators.js";
import { Undo } from "./undo.js";

export interface ShownPart {
  /** Runs after Interfaces has been signalled with this one. */
  announced(): void;
  withdraw(): void;
}

export interface PartRow {
  readonly part: PartName;
  readonly name: OfonoName;
  show(bus: SignalSource, modem: Modem): ShownPart | undefined;
}

/** In the order of the modem's levels. */
export const partRows: readonly PartRow[] = [
  { part: "sim", name: "org.ofono.SimManager", show: showSim },
  { part: "packetData", name: "org.ofono.ConnectionManager", show: showPacketData },
  { part: "messages", name: "org.ofono.MessageManager", show: showMessages },
  { part: "registration", name: "org.ofono.NetworkRegistration", show: showRegistration },
  { part: "ussd", name: "org.ofono.SupplementaryServices", show: showUssd },
];

function withoutSubscriber({ imsi: _imsi, mcc: _mcc, mnc: _mnc, ...card }: SimPartState): SimPartState {
  return card;
}

/** ConnMan waits for the signal that tells the IMSI and never asks: it is signalled also when it was known at once. */
function showSim(bus: SignalSource, { path, sim }: Modem): ShownPart | undefined {
  if (sim === undefined) return undefined;
  const undo = new Undo();
  const exported = simManagerInterface.export(bus, path, withoutSubscriber(sim.state), sim);
  undo.add(() => exported.withdraw());
  undo.add(listen(sim.events, "changed", (next) => exported.changed(next)));
  return { announced: () => exported.changed(sim.state), withdraw: () => undo.run() };
}

/** Before its status was told. */
const unheard: RegistrationPartState = { status: "unknown", mode: "auto", name: "", signal: {} };

/** Clients that only listen hear the status also when it was known at once. */
function showRegistration(bus: SignalSource, { path, registration }: Modem): ShownPart | undefined {
  if (registration === undefined) return undefined;
  const undo = new Undo();
  const operators = new ShownOperators(bus, path, registration);
  undo.add(() => operators.withdraw());
  const actor = { registration, operators: () => operators.list() };
  const exported = networkRegistrationInterface.export(bus, path, unheard, actor);
  undo.add(() => exported.withdraw());
  undo.add(listen(registration.events, "changed", (next) => exported.changed(next)));
  return { announced: () => exported.changed(registration.state), withdraw: () => undo.run() };
}

/** What the network begins with is signalled before the state that follows from it. */
function showUssd(bus: SignalSource, { path, ussd }: Modem): ShownPart | undefined {
  if (ussd === undefined) return undefined;
  const undo = new Undo();
  const exported = supplementaryServicesInterface.export(bus, path, ussd.state, ussd);
  undo.add(() => exported.withdraw());
  const { notices } = ussd;
  undo.add(listen(notices, "notification", (text) => exported.emit("NotificationReceived", foreignText(text))));
  undo.add(listen(notices, "request", (text) => exported.emit("RequestReceived", foreignText(text))));
  undo.add(listen(ussd.events, "changed", (next) => exported.changed(next)));
  return { announced: () => undefined, withdraw: () => undo.run() };
}

function showPacketData(bus: SignalSource, { path, packetData }: Modem): ShownPart | undefined {
  if (packetData === undefined) return undefined;
  const undo = new Undo();
  const contexts = new ShownContexts(bus, path, packetData);
  undo.add(() => contexts.withdraw());
  const exported = connectionManagerInterface.export(bus, path, packetData.state, {
    packetData,
    contexts: () => contexts.list(),
    contextAt: (context) => contexts.at(context),
    pathOf: (context) => contexts.pathOf(context),
  });
  undo.add(() => exported.withdraw());
  contexts.tell({
    added: (context, properties) => exported.emit("ContextAdded", context, properties),
    removed: (context) => exported.emit("ContextRemoved", context),
  });
  undo.add(listen(packetData.events, "changed", (next) => exported.changed(next)));
  return { announced: () => undefined, withdraw: () => undo.run() };
}
