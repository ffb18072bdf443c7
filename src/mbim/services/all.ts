/** Every CID that this program knows, found by what stands in a message. */
import type { Command } from "../command.js";
import * as basicConnect from "./basic-connect.js";
import * as msBasicConnectExtensions from "./ms-basic-connect-extensions.js";
import * as msUicc from "./ms-uicc-low-level-access.js";
import * as proxyControl from "./proxy-control.js";
import * as qmi from "./qmi.js";
import * as sms from "./sms.js";
import * as ussd from "./ussd.js";

const isCommand = (value: unknown): value is Command => typeof value === "object" && value !== null && "cid" in value;

/** All rows of the tables. */
export const commands: readonly Command[] = [
  basicConnect,
  sms,
  msBasicConnectExtensions,
  msUicc,
  ussd,
  qmi,
  proxyControl,
]
  .flatMap((module) => Object.values<unknown>(module))
  .filter(isCommand);

const byKey = new Map<string, Command>(commands.map((command) => [`${command.service}/${command.cid}`, command]));

export const findCommand = (service: string, cid: number): Command | undefined => byKey.get(`${service}/${cid}`);

/** @see MBIM 1.0 table 10-3; Microsoft's and the vendors' services after them */
const serviceNames: Readonly<Record<string, string>> = {
  [basicConnect.basicConnectService]: "BASIC_CONNECT",
  [sms.smsService]: "SMS",
  [ussd.ussdService]: "USSD",
  "4bf38476-1e6a-41db-b1d8-bed289c25bdb": "PHONEBOOK",
  "d8f20131-fcb5-4e17-8602-d6ed3816164c": "STK",
  "1d2b5ff7-0aa1-48b2-aa52-50f15767174e": "AUTH",
  "c08a26dd-7718-4382-8482-6e0d583c4d0e": "DSS",
  [msBasicConnectExtensions.msBasicConnectExtensionsService]: "MS_BASIC_CONNECT_EXTENSIONS",
  [msUicc.msUiccLowLevelAccessService]: "MS_UICC_LOW_LEVEL_ACCESS",
  "e9f7dea2-feaf-4009-93ce-90a3694103b6": "MS_FIRMWARE_ID",
  "883b7c26-985f-43fa-9804-27d7fb80959c": "MS_HOST_SHUTDOWN",
  "68223d04-9f6c-4e0f-822d-28441fb72340": "MS_SAR",
  "8d8b9eba-37be-449b-8f1e-61cb034a702e": "MS_VOICE_EXTENSIONS",
  [qmi.qmiService]: "QMI",
  [proxyControl.proxyControlService]: "PROXY_CONTROL",
};

/** A command's name for logs and errors; numbers where the tables have none. */
export function commandName(service: string, cid: number): string {
  return findCommand(service, cid)?.name ?? `${serviceNames[service] ?? service} CID ${cid}`;
}
