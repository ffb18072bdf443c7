/** The service that mbim-proxy itself answers: which device the connection is for. */
import { text } from "../../codec/reference.js";
import { u32 } from "../../codec/scalar.js";
import { type Command, empty } from "../command.js";

export const proxyControlService = "838cf7fb-8d0d-4d7f-871e-d71dbefbb39b";

export const proxyConfiguration = {
  service: proxyControlService,
  cid: 1,
  name: "PROXY_CONFIGURATION",
  /** `timeout`: seconds that the proxy may take to open the device. */
  set: { devicePath: text, timeout: u32 },
  response: empty,
  timeoutMs: { set: 30_000 },
} as const satisfies Command;
