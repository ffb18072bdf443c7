/** WMS. */
import type { IndicationOf, RequestOf } from "../../../qmi/message.js";
import { qmiErrors } from "../../../qmi/result.js";
import * as wms from "../../../qmi/services/wms.js";
import type { MessageEvent, MessageState, MessageStatus, RoutedClass, StoredMessage } from "../../model/messages.js";
import { type Answer, no, ok, type Served, type Serving, serve } from "./answer.js";
import { errorOfRefusal } from "./refusals.js";

const tagOf = { new: "notRead", read: "read", sent: "sent", draft: "notSent" } as const satisfies Record<
  MessageStatus,
  string
>;
type Tag = (typeof tagOf)[MessageStatus];

const statusOf = (tag: string): MessageStatus | undefined =>
  (Object.keys(tagOf) as MessageStatus[]).find((status) => tagOf[status] === tag);

interface Wanted {
  readonly storage: string;
  readonly index?: number | undefined;
  readonly tag?: string | undefined;
}

const found = ({ stored }: MessageState, { storage, index, tag }: Wanted): readonly StoredMessage[] =>
  stored.filter(
    (message) =>
      message.storage === storage &&
      (index === undefined || message.index === index) &&
      (tag === undefined || tagOf[message.status] === tag),
  );

/** Carries out, or says why not. */
function done({ machine }: Serving, event: MessageEvent): { readonly error: number } | undefined {
  const { refusal } = machine.send(event);
  return refusal === undefined ? undefined : { error: errorOfRefusal(refusal) };
}

function send(serving: Serving, { message }: RequestOf<typeof wms.rawSend>): Answer<typeof wms.rawSend> {
  if (message.format !== "pointToPoint") return no(qmiErrors.invalidArgument);
  const { refusal, state } = serving.machine.send({ type: "sendMessage", pdu: message.pdu, atMs: Date.now() });
  if (refusal === undefined) return ok({ reference: state.messages.sent.at(-1)?.reference ?? 0 });
  if (refusal.why !== "message") return no(errorOfRefusal(refusal));
  return no(errorOfRefusal(refusal), { networkCause: { rpCause: refusal.cause, tpCause: 0 } });
}

function write(serving: Serving, { message }: RequestOf<typeof wms.rawWrite>): Answer<typeof wms.rawWrite> {
  const { storage, pdu } = message;
  if (storage !== "card" && storage !== "device") return no(qmiErrors.invalidArgument);
  const refused = done(serving, { type: "storeMessage", pdu, storage, status: "draft" });
  return refused ?? ok({ index: serving.machine.state.messages.stored.at(-1)?.index ?? 0 });
}

function read({ machine }: Serving, { place }: RequestOf<typeof wms.rawRead>): Answer<typeof wms.rawRead> {
  const [message] = found(machine.state.messages, place);
  if (message === undefined) return no(qmiErrors.noEntry);
  return ok({ message: { tag: tagOf[message.status], format: "pointToPoint", pdu: message.pdu } });
}

function modify(serving: Serving, { message }: RequestOf<typeof wms.modifyTag>): Answer<typeof wms.modifyTag> {
  const { storage, index, tag } = message;
  const status = statusOf(tag);
  const indexes = found(serving.machine.state.messages, { storage, index }).map((one) => one.index);
  if (status === undefined) return no(qmiErrors.invalidArgument);
  if (indexes.length === 0) return no(qmiErrors.noEntry);
  return done(serving, { type: "markMessages", indexes, status }) ?? ok({});
}

function remove(serving: Serving, wanted: RequestOf<typeof wms.deleteMessages>): Answer<typeof wms.deleteMessages> {
  const indexes = found(serving.machine.state.messages, wanted).map(({ index }) => index);
  if (indexes.length === 0 && wanted.index !== undefined) return no(qmiErrors.noEntry);
  return done(serving, { type: "deleteMessages", indexes }) ?? ok({});
}

function route(
  serving: Serving,
  { routes, statusReports }: RequestOf<typeof wms.setRoutes>,
): Answer<typeof wms.setRoutes> {
  const wanted: Partial<Record<RoutedClass, MessageState["routes"][RoutedClass]>> = {};
  for (const { messageClass, storage, action } of routes) {
    if (!isRouted(serving.machine.state.messages, messageClass)) continue;
    if (storage !== "card" && storage !== "device") return no(qmiErrors.invalidArgument);
    if (!isAction(action)) return no(qmiErrors.invalidArgument);
    wanted[messageClass] = { storage, action };
  }
  const reports = statusReports === undefined ? {} : { reports: statusReports === "transferred" };
  return done(serving, { type: "routeMessages", routes: wanted, ...reports }) ?? ok({});
}

const isRouted = ({ routes }: MessageState, messageClass: string): messageClass is RoutedClass =>
  Object.hasOwn(routes, messageClass);

type Action = MessageState["routes"][RoutedClass]["action"];
const isAction = (action: string): action is Action => !action.startsWith("unknown");

function routes({ machine }: Serving): Answer<typeof wms.getRoutes> {
  const { routes, handsReportsOver } = machine.state.messages;
  return ok({
    routes: (Object.keys(routes) as RoutedClass[]).map((messageClass) => ({
      type: "pointToPoint" as const,
      messageClass,
      ...routes[messageClass],
    })),
    statusReports: handsReportsOver ? "transferred" : "kept",
  });
}

/** @see 3GPP TS 24.008 10.5.4.7: international number, ISDN plan; unknown number */
const typeOf = (number: string): string => (number.startsWith("+") ? "145" : "129");

function serviceCentre({ machine }: Serving): Answer<typeof wms.getServiceCentre> {
  const digits = machine.state.messages.serviceCentre;
  return digits === "" ? no(qmiErrors.noEntry) : ok({ address: { type: typeOf(digits), digits } });
}

export const messageMessages: readonly Served[] = [
  serve(wms.reset, ({ client }) => {
    client.wants.clear();
    return ok({});
  }),
  serve(wms.setEventReport, ({ client }, { newMessages }) => {
    for (const { name } of [wms.eventReport, wms.memoryFull])
      if (newMessages === true) client.wants.add(name);
      else if (newMessages === false) client.wants.delete(name);
    return ok({});
  }),
  serve(wms.rawSend, send),
  serve(wms.rawWrite, write),
  serve(wms.rawRead, read),
  serve(wms.modifyTag, modify),
  serve(wms.deleteMessages, remove),
  serve(wms.listMessages, ({ machine }, wanted) =>
    ok({
      messages: found(machine.state.messages, wanted).map(({ index, status }) => ({
        index,
        tag: tagOf[status] as Tag,
      })),
    }),
  ),
  serve(wms.setRoutes, route),
  serve(wms.getRoutes, routes),
  serve(wms.getServiceCentre, serviceCentre),
  serve(
    wms.setServiceCentre,
    (serving, { digits }) => done(serving, { type: "setServiceCentre", number: digits }) ?? ok({}),
  ),
  serve(wms.sendAck, () => ok({})),
];

export const storedReport = ({ storage, index }: StoredMessage): IndicationOf<typeof wms.eventReport> => ({
  stored: { storage, index },
  mode: "gsmUmts",
});

export const handedOverReport = (pdu: Buffer): IndicationOf<typeof wms.eventReport> => ({
  transferred: { acknowledge: "done", transaction: 0xffff_ffff, format: "pointToPoint", pdu },
  mode: "gsmUmts",
});
