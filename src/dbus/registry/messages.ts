/** The outgoing messages of one modem as objects, and what clients hear of messages on the modem's MessageManager. */
import type { Messages, Modem, OutgoingMessage, OutgoingState } from "../../modem/api.js";
import type { Exported, SignalSource } from "../bind.js";
import { messageInterface } from "../interfaces/message.js";
import { incomingInfo, type ListedMessage, messageManagerInterface } from "../interfaces/message-manager.js";
import { foreignText } from "../interfaces/text.js";
import { listen } from "./listen.js";
import type { ShownPart } from "./parts.js";
import { Undo } from "./undo.js";

interface ShownMessage {
  readonly exported: Exported<"org.ofono.Message", OutgoingState>;
  stopListening(): void;
}

class ShownMessages {
  readonly #shown = new Map<OutgoingMessage, ShownMessage>();

  constructor(
    private readonly bus: SignalSource,
    private readonly modemPath: string,
    messages: Messages,
  ) {
    for (const message of messages.outgoing) this.show(message);
  }

  list(): readonly ListedMessage[] {
    return [...this.#shown.values()].map(({ exported }) => [exported.path, exported.properties()] as const);
  }

  pathOf(message: OutgoingMessage): string {
    return `${this.modemPath}/message_${message.id}`;
  }

  show(message: OutgoingMessage): ListedMessage {
    const exported = messageInterface.export(this.bus, this.pathOf(message), message.state, message);
    const stopListening = listen(message.events, "changed", (next) => exported.changed(next));
    this.#shown.set(message, { exported, stopListening });
    return [exported.path, exported.properties()];
  }

  hide(message: OutgoingMessage): void {
    const shown = this.#shown.get(message);
    shown?.stopListening();
    shown?.exported.withdraw();
    this.#shown.delete(message);
  }

  withdraw(): void {
    for (const message of [...this.#shown.keys()].reverse()) this.hide(message);
  }
}

/** Undefined while the modem has none. */
export function showMessages(bus: SignalSource, { path, messages }: Modem): ShownPart | undefined {
  if (messages === undefined) return undefined;
  const undo = new Undo();
  const outgoing = new ShownMessages(bus, path, messages);
  undo.add(() => outgoing.withdraw());
  const exported = messageManagerInterface.export(bus, path, messages.state, {
    messages,
    outgoing: () => outgoing.list(),
    pathOf: (message) => outgoing.pathOf(message),
  });
  undo.add(() => exported.withdraw());
  const { messageEvents } = messages;
  undo.add(listen(messageEvents, "added", (message) => exported.emit("MessageAdded", ...outgoing.show(message))));
  undo.add(
    listen(messageEvents, "removed", (message) => {
      outgoing.hide(message);
      exported.emit("MessageRemoved", outgoing.pathOf(message));
    }),
  );
  undo.add(
    listen(messageEvents, "incoming", (text) =>
      exported.emit("IncomingMessage", foreignText(text.text), incomingInfo(text)),
    ),
  );
  undo.add(
    listen(messageEvents, "immediate", (text) =>
      exported.emit("ImmediateMessage", foreignText(text.text), incomingInfo(text)),
    ),
  );
  undo.add(listen(messages.events, "changed", (next) => exported.changed(next)));
  return { announced: () => undefined, withdraw: () => undo.run() };
}
