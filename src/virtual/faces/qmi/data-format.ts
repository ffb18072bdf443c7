/** WDA: how packets travel beside the control channel. */
import type { RequestOf, ResponseOf } from "../../../qmi/message.js";
import { qmiErrors } from "../../../qmi/result.js";
import * as wda from "../../../qmi/services/wda.js";
import type { DataLink, FaceContext, LinkProtocol } from "../face.js";
import { type Answer, no, ok, type Served, type Serving, serve } from "./answer.js";

type SetRequest = RequestOf<typeof wda.setDataFormat>;

/** Whether the host means this function: by its USB interface, where it is on a bus. */
export const isEndpointOf = ({ port }: FaceContext, endpoint: NonNullable<SetRequest["endpoint"]>): boolean =>
  port === undefined || (endpoint.type === "hsusb" && endpoint.interfaceNumber === port);

const linkProtocolOf: Readonly<Record<string, LinkProtocol>> = { ethernet: "ethernet", rawIp: "raw-ip" };

/** QMAP version 1 only, in both directions or none, and only over raw IP. */
function setDataFormat({ context }: Serving, request: SetRequest): Answer<typeof wda.setDataFormat> {
  const { dataLink } = context;
  const { channels } = dataLink;
  const wanted = linkProtocolOf[request.linkLayer ?? ""] ?? dataLink.linkProtocol;
  const isAsked = request.linkLayer === undefined || request.linkLayer in linkProtocolOf;
  const isOurs = request.endpoint === undefined || isEndpointOf(context, request.endpoint);
  if (!isOurs) return no(qmiErrors.invalidArgument);
  if (!isAsked || !dataLink.setLinkProtocol(wanted)) return no(qmiErrors.invalidDataFormat);
  const isMuxed = request.uplinkAggregation === "qmap" && request.downlinkAggregation === "qmap";
  // What is not offered is not agreed to, whatever was asked for: that is how a host learns of it.
  if (isMuxed && wanted === "raw-ip")
    channels?.set({ maxBytes: request.downlinkMaxSize ?? 0, maxDatagrams: request.downlinkMaxDatagrams ?? 0 });
  else if (request.downlinkAggregation !== undefined) channels?.set(undefined);
  return ok(dataFormatOf(dataLink));
}

function dataFormatOf({ linkProtocol, channels }: DataLink): ResponseOf<typeof wda.getDataFormat> {
  const limits = channels?.limits;
  const aggregation = limits === undefined ? "disabled" : "qmap";
  return {
    qosHeader: false,
    linkLayer: linkProtocol === "raw-ip" ? "rawIp" : "ethernet",
    uplinkAggregation: aggregation,
    downlinkAggregation: aggregation,
    ndpSignature: 0,
    downlinkMaxDatagrams: limits?.maxDatagrams ?? 0,
    downlinkMaxSize: limits?.maxBytes ?? 0,
    ...(limits === undefined ? {} : { uplinkMaxDatagrams: 1, uplinkMaxSize: limits.maxBytes }),
  };
}

export const dataFormatMessages: readonly Served[] = [
  serve(wda.getDataFormat, ({ context }) => ok(dataFormatOf(context.dataLink))),
  serve(wda.setDataFormat, setDataFormat),
];
