/** Microsoft's extensions of Basic Connect: the parts that are read. @see MBIM extensions, "MB LTE Attach Operations" */
import { secret, text } from "../../codec/reference.js";
import { enumOf } from "../../codec/scalar.js";
import { type Command, empty } from "../command.js";
import * as is from "./basic-connect-types.js";

export const msBasicConnectExtensionsService = "3d01dcc5-fef5-4d05-0d3a-bef7058e9aaf";

const service = msBasicConnectExtensionsService;

/** MBIM_MS_LTE_ATTACH_STATUS: the default bearer, as the network gave it. */
const lteAttachInfo = {
  state: enumOf({ detached: 0, attached: 1 }),
  ipType: is.ipType,
  accessString: text,
  userName: text,
  password: secret,
  compression: is.compression,
  authProtocol: is.authProtocol,
} as const;

/** LTE_ATTACH_STATUS in the first edition. */
export const lteAttachStatus = {
  service,
  cid: 4,
  name: "MS_LTE_ATTACH_INFO",
  query: empty,
  response: lteAttachInfo,
  notify: lteAttachInfo,
} as const satisfies Command;
